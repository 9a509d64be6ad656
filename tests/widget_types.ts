// What a page may write, for `tsc`: see "Commands" in CONTRIBUTING.md. A line that must not pass is
// marked as expecting an error, and is one where it does pass.
import type { Answer, FootnoteAttributes } from "../docs/embed/widget";

const chat = document.createElement("footnote-chat");
chat.suggestions = ["Who?", "When?"];
chat.zIndex = 10;
chat.pageUrl = null;
chat.position = "top-left";
// @ts-expect-error there is no such corner
chat.position = "middle";

export const attributes: FootnoteAttributes = { "page-url": "https://example.org/", open: "" };
// @ts-expect-error there is no such attribute
export const unknown: FootnoteAttributes = { colour: "red" };

export async function quotes(question: string): Promise<string[]> {
  const answer: Answer | null = await chat.ask(question);
  return answer?.citations.map(({ quote, article }) => `${quote} (${article.title ?? article.id})`) ?? [];
}

document.addEventListener("footnote:answer", ({ detail }) => {
  console.log(detail.answer.status, detail.answer.understood_when?.text);
});
chat.addEventListener("footnote:ask", (event) => {
  if (!event.detail.question.trim()) event.preventDefault();
});
document.querySelector("footnote-chat")?.open();
