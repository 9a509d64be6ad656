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
  flash(button, isDone ? words.copied : words.copy_failed);
}

/** What came of a button, in place of its label for a moment. */
function flash(button, text, spoken = text) {
  const before = button.dataset.said ??= button.textContent;
  button.textContent = text;
  say(spoken);
  clearTimeout(button.timer);
  button.timer = setTimeout(() => (button.textContent = before), 2000);
}

/** On a phone its own list of who to share with, elsewhere the link to paste. */
async function share(link, title) {
  if (!navigator.share || matchMedia("(pointer: fine)").matches) return copy(link.href, link);
  // Whoever changes their mind is no fault.
  await navigator.share({ title, url: link.href }).catch(() => {});
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

/** Ask again without what a chip says, or with what it says was left out. */
function change(chip, asked) {
  const [, act, kind] = chip.className.match(/fn-(with|without|instead)-(\w+)/);
  const how = { ...asked, ignore: asked.ignore.filter((each) => each !== kind) };
  if (kind in filters) how[kind] = "";
  else if (act !== "with") how.ignore.push(kind);
  // The other time that a date may mean is asked for as filters.
  if (act === "instead") Object.assign(how, asked.other);
  ask(asked.question, how);
}

async function tell(answer, verdict, reasons, comment) {
  const { question, passages } = toldOf(answer);
  const body = JSON.stringify({ question, verdict, reasons, comment, citations: passages });
  const headers = { "Content-Type": "application/json" };
  const sent = await fetch(new URL("api/feedback", base), { method: "POST", headers, body }).catch(() => null);
  const pressed = answer.querySelector(`.fn-${verdict}`);
  if (!sent?.ok) return flash(pressed, words.not_taken);
  for (const each of thumbsOf(answer)) each.ariaPressed = String(each === pressed);
  flash(pressed, words.thanks, words.taken);
}

const thumbsOf = (answer) => answer.querySelectorAll(".fn-up, .fn-down");

/** The reasons why an answer was not good, over what stands there: nothing makes room for them. */
function askWhy(answer) {
  const opener = answer.querySelector(".fn-down");
  const form = make("form", { className: "fn-why", "aria-label": words.why },
    make("p", { className: "fn-label", textContent: words.why }));
  for (const reason of ["wrong_quote", "not_an_answer", "outdated", "missing", "other"]) {
    form.append(make("label", {}, make("input", { type: "checkbox", value: reason }),
      make("span", { textContent: words[`reason_${reason}`] })));
  }
  const comment = make("input", { type: "text", maxLength: 1000, placeholder: words.comment, "aria-label": words.comment });
  const send = make("button", { className: "fn-send", textContent: words.send });
  form.append(make("div", { className: "fn-say" }, comment, send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reasons = [...form.querySelectorAll(":checked")].map((each) => each.value);
    closeMenu(form);
    tell(answer, "down", reasons, comment.value);
  });
  const row = answer.querySelector(".fn-tools");
  row.append(form);
  opener.ariaExpanded = "true";
  const { top, bottom } = row.getBoundingClientRect();
  const below = document.querySelector("#fn-foot").getBoundingClientRect().top - bottom;
  form.classList.toggle("fn-above", below < form.offsetHeight && below < top);
  form.querySelector("input").focus({ preventScroll: true });
  form.scrollIntoView({ block: "nearest" });
}

/** What the archive has more: on which days passages match, and what to ask next. */
async function fetchFurther(answer) {
  const asked = toldOf(answer);
  if (!asked.passages.length) return;
  // Of what was understood, in the time that was understood: days beyond it are no part of this.
  const query = new URLSearchParams({ q: asked.about });
  for (const name of Object.keys(filters)) {
    const value = asked[name] || asked.when[name];
    if (value) query.set(name, value);
  }
  for (const each of asked.ignore) query.append("ignore", each);
  for (const each of asked.passages) query.append("cited", each);
  // Nothing is offered that was asked in this conversation.
  const questions = [...document.querySelectorAll("#fn-conversation .fn-question")];
  for (const each of questions.slice(-20)) query.append("asked", each.textContent.slice(0, 200));
  const reply = await fetch(new URL(`footnote/further?${query}`, base)).catch(() => null);
  if (!reply?.ok || !answer.isConnected) return;
  const further = await reply.json();
  drawTimeline(answer.querySelector(".fn-timeline"), asked, further.days);
  const place = answer.querySelector(".fn-further");
  if (!place.childElementCount) {
    place.append(...further.questions.map((each) => make("button", { className: "fn-next", textContent: each, lang: "" })));
  }
  labelFurther(place);
}

function labelFurther(place) {
  // After a greeting they are what to begin with.
  const isReply = place.closest(".fn-answer").querySelector(".fn-reply");
  if (isReply || !place.childElementCount || place.querySelector(".fn-label")) return;
  place.prepend(make("p", { className: "fn-label", textContent: words.further }));
}

const BAR_WIDTH = 26;
// Fewer tell no more than the dates under the quotes.
const LEAST_BARS = 3;

/** Days that would stand on one another as bars are one bar: so many of them fit the width. */
function barsOf(days, width) {
  if (days.length < LEAST_BARS) return [];
  const time = ([iso]) => Date.parse(`${iso}T00:00:00Z`);
  const first = time(days[0]);
  const span = time(days.at(-1)) - first;
  const last = Math.max(Math.floor(width / BAR_WIDTH) - 1, 1);
  const bars = new Map();
  for (const day of days) {
    const place = Math.round(((time(day) - first) / span) * last);
    const bar = bars.get(place) ?? { at: place / last, from: day[0], count: 0 };
    bars.set(place, { ...bar, until: day[0], count: bar.count + day[1] });
  }
  return [...bars.values()];
}

/** Coverage over time; a click asks this question again of the days of a bar only. */
function drawTimeline(place, asked, days) {
  const bars = barsOf(days, place.parentElement.clientWidth);
  if (bars.length < LEAST_BARS) return;
  const plot = make("div", { className: "fn-plot" });
  const ends = [days[0], days.at(-1)].map(([iso]) => make("span", { textContent: dated(iso) }));
  const hint = make("span", { className: "fn-hint", textContent: words.timeline_hint });
  place.replaceChildren(make("p", { className: "fn-label" }, words.timeline, hint), plot,
    make("p", { className: "fn-ends" }, ...ends));
  const most = Math.max(...bars.map((bar) => bar.count));
  for (const { at, from, until, count } of bars) {
    const date = [...new Set([from, until])].map(dated).join(" – ");
    const label = fill(words.bar, { date, count });
    const bar = make("button", { className: "fn-day", title: label, "aria-label": label },
      make("span", { textContent: count, "aria-hidden": "true" }));
    bar.style.setProperty("--at", at);
    bar.style.setProperty("--high", count / most);
    bar.addEventListener("click", () => ask(asked.question, { ...asked, after: from, before: until }, true));
    plot.append(bar);
  }
}

/** The spoken form of an answer: not its markup. */
function spoken(answer) {
  const quote = answer.querySelector(".fn-said")?.textContent;
  if (!quote) return (answer.querySelector(".fn-none") ?? answer).textContent;
  const origin = [".fn-origin .fn-title", ".fn-origin .fn-facts"]
    .map((part) => answer.querySelector(part)?.textContent).filter(Boolean).join(", ");
  const count = answer.querySelectorAll(".fn-cards .fn-number").length;
  const rest = count ? ` ${fill(words.spoken_more, { count })}` : "";
  return fill(words.spoken, { quote, origin }) + rest;
}
