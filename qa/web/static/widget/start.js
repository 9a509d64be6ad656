/** Defines the element once, and places one where the script asks for it. */

if (!customElements.get("footnote-chat")) customElements.define("footnote-chat", FootnoteChat);

const OPTIONS = Object.entries({ ...SCRIPT?.dataset });

/** A script with options makes an element of them; without, only where the page has none itself. A launcher is placed once. */
function place() {
  const chats = [...document.querySelectorAll("footnote-chat")];
  if (!OPTIONS.length && chats.length) return;
  const chat = make("footnote-chat", { mode: "floating", server: HOME });
  for (const [option, value] of OPTIONS) {
    const name = option.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase());
    checkName(name);
    chat.setAttribute(name, value);
  }
  if (chat.getAttribute("mode") == "inline" && SCRIPT?.isConnected) return SCRIPT.after(chat);
  // Two launchers would lie on each other.
  const isThere = chats.some((one) => one.getAttribute("server") == HOME && one.getAttribute("mode") != "inline");
  if (isThere) warn("the script is on this page more than once");
  else document.body.append(chat);
}

if (SCRIPT && !("manual" in SCRIPT.dataset)) {
  if (document.readyState != "loading" || (document.body && OPTIONS.length)) place();
  else document.addEventListener("DOMContentLoaded", place, { once: true });
}
