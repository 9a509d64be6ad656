// What can be done with an answer, and what is fetched once it is shown.

/** What the server tells of an answer; messages can hold it only as a title. */
function toldOf(answer) {
  answer.told ??= JSON.parse(answer.querySelector(".fn-told").title);
  return answer.told;
}

async function copy(text, button) {
  let isDone = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    isDone = copyFromPage(text);
    button.focus();
  }
  const before = button.dataset.said ??= button.textContent;
  button.textContent = isDone ? words.copied : words.copy_failed;
  say(button.textContent);
  clearTimeout(button.timer);
  button.timer = setTimeout(() => (button.textContent = before), 2000);
}

// Over plain http there is no clipboard, but what is selected can be copied.
function copyFromPage(text) {
  const field = make("textarea", { value: text, className: "fn-unseen" });
  home().append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  return isDone;
}

function linkOf(cited) {
  const address = new URL(cited.querySelector(".fn-number").href);
  address.searchParams.delete("lang");
  return address.href;
}

function lineOf(answer, cited) {
  const place = [...answer.querySelectorAll(".fn-cited")].indexOf(cited);
  const [line, hasAddress] = toldOf(answer).lines[place];
  return hasAddress ? line : `${line} ${linkOf(cited)}`;
}

/** Ask again without what a chip says. */
function without(chip, asked) {
  const kind = chip.className.match(/fn-without-(\w+)/)[1];
  const how = { ...asked, ignore: [...asked.ignore] };
  if (kind in filters) how[kind] = "";
  else how.ignore.push(kind);
  ask(asked.question, how);
}

async function tell(answer, verdict, reasons, comment) {
  const { question, passages } = toldOf(answer);
  const body = JSON.stringify({ question, verdict, reasons, comment, citations: passages });
  const headers = { "Content-Type": "application/json" };
  const sent = await fetch("/api/feedback", { method: "POST", headers, body }).catch(() => null);
  const line = make("p", { className: "fn-taken", textContent: sent?.ok ? words.taken : words.not_taken });
  answer.querySelector(".fn-feedback").replaceChildren(line);
  say(line.textContent);
}

/** The reasons why an answer was not good. */
function askWhy(answer) {
  const form = make("form", { className: "fn-why" }, make("p", { className: "fn-label", textContent: words.why }));
  for (const reason of ["wrong_quote", "not_an_answer", "outdated", "missing", "other"]) {
    form.append(make("label", {}, make("input", { type: "checkbox", value: reason }),
      make("span", { textContent: words[`reason_${reason}`] })));
  }
  const comment = make("input", { type: "text", maxLength: 1000, placeholder: words.comment, "aria-label": words.comment });
  const send = make("button", { className: "fn-send", textContent: words.send });
  form.append(comment, send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reasons = [...form.querySelectorAll(":checked")].map((each) => each.value);
    tell(answer, "down", reasons, comment.value);
  });
  answer.querySelector(".fn-feedback").replaceChildren(form);
  form.querySelector("input").focus();
}

/** What the archive has more: on which days passages match, and what to ask next. */
async function fetchFurther(answer) {
  const asked = toldOf(answer);
  if (!asked.articles.length) return;
  const query = new URLSearchParams({ q: asked.question });
  for (const name of Object.keys(filters)) if (asked[name]) query.set(name, asked[name]);
  for (const each of asked.ignore) query.append("ignore", each);
  for (const each of asked.articles) query.append("cited", each);
  const reply = await fetch(`/footnote/further?${query}`).catch(() => null);
  if (!reply?.ok || !answer.isConnected) return;
  const further = await reply.json();
  if (further.days.length > 1) drawTimeline(answer.querySelector(".fn-timeline"), asked, further.days);
  const place = answer.querySelector(".fn-further");
  if (!place.childElementCount) {
    place.append(...further.questions.map((each) => make("button", { className: "fn-next", textContent: each, lang: "" })));
  }
  labelFurther(place);
}

function labelFurther(place) {
  if (!place.childElementCount || place.querySelector(".fn-label")) return;
  place.prepend(make("p", { className: "fn-label", textContent: words.further }));
}

/** A bar for each day, placed by its date; a click asks again of that day only. */
function drawTimeline(place, asked, days) {
  const time = ([iso]) => Date.parse(`${iso}T00:00:00Z`);
  const first = time(days[0]);
  const span = time(days.at(-1)) - first;
  const most = Math.max(...days.map(([, count]) => count));
  const plot = make("div", { className: "fn-plot" });
  for (const day of days) {
    const [iso, count] = day;
    const label = fill(words.bar, { date: dated(iso), count });
    const bar = make("button", { className: "fn-day", title: label, "aria-label": label });
    bar.style.setProperty("--at", (time(day) - first) / span);
    bar.style.setProperty("--high", count / most);
    bar.addEventListener("click", () => ask(asked.question, { ...asked, after: iso, before: iso }));
    plot.append(bar);
  }
  const ends = [days[0], days.at(-1)].map(([iso]) => make("span", { textContent: dated(iso) }));
  place.replaceChildren(make("p", { className: "fn-label", textContent: words.timeline }), plot,
    make("p", { className: "fn-ends" }, ...ends));
}

/** The spoken form of an answer: not its markup. */
function spoken(answer) {
  const quote = answer.querySelector(".fn-quote p")?.firstChild?.textContent;
  if (!quote) return (answer.querySelector(".fn-none") ?? answer).textContent;
  const origin = [".fn-origin .fn-title", ".fn-origin .fn-facts"]
    .map((part) => answer.querySelector(part)?.textContent).filter(Boolean).join(", ");
  const count = answer.querySelectorAll(".fn-cards .fn-number").length;
  const rest = count ? ` ${fill(words.spoken_more, { count })}` : "";
  return fill(words.spoken, { quote, origin }) + rest;
}
