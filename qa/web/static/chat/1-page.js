// What the page says and how it is made. These files are one script, joined by the server.
const told = JSON.parse(decodeURIComponent(document.querySelector("meta[name=footnote]").content));
const words = told.words;
// A proxy may serve the page under a path.
const base = new URL("../", import.meta.url);

/** An element with properties, attributes where they contain a hyphen, and children. */
function make(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.includes("-") || name === "for" || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Words with their blanks filled. */
function fill(text, parts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole);
}

/** Where Gradio's styles hold. */
const home = () => document.querySelector(".gradio-container");

// What a screen reader says of answers, and of what was done.
const speaker = make("div", { className: "fn-unseen", role: "status", "aria-live": "polite" });
function say(text) {
  speaker.textContent = text;
}

/** Put a value into a component of Gradio, as if it were typed. */
function put(selector, value) {
  const field = document.querySelector(`${selector} :is(textarea, input)`);
  const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** A day in the words of the interface. */
function dated(iso) {
  const day = new Date(`${iso}T12:00:00Z`);
  const form = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return Number.isNaN(day.valueOf()) ? iso : day.toLocaleDateString(locale(), form);
}
function locale() {
  return told.language === "en" ? "en-GB" : told.language;
}
