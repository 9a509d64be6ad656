/** Defines the element once, and places one where the script asks for it. */

if (!customElements.get("footnote-chat")) customElements.define("footnote-chat", FootnoteChat);

const OPTIONS = Object.entries({ ...SCRIPT?.dataset });

/** A script with options makes an element of them; without, only where the page has none itself. */
function place() {
  if (!OPTIONS.length && document.querySelector("footnote-chat")) return;
  const chat = make("footnote-chat", { mode: "floating", server: HOME });
  for (const [name, value] of OPTIONS) {
    chat.setAttribute(name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase()), value);
  }
  if (chat.getAttribute("mode") == "inline" && SCRIPT?.isConnected) SCRIPT.after(chat);
  else document.body.append(chat);
}

if (SCRIPT && !("manual" in SCRIPT.dataset)) {
  if (document.readyState != "loading" || (document.body && OPTIONS.length)) place();
  else document.addEventListener("DOMContentLoaded", place, { once: true });
}
