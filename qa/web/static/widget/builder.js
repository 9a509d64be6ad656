// The page that builds the tag: options on one side, the widget itself and the tag on the other.
"use strict";
const form = document.getElementById("options");
const stage = document.getElementById("stage");
const snippet = document.getElementById("snippet");
const copied = document.getElementById("copied");
const chat = document.createElement("footnote-chat");
const address = new URL("widget.js", location.href).href;

/** What is set, by name: only what differs from what goes without saying. */
function options() {
  const set = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  set.suggestions = set.suggestions.split("\n").map((line) => line.trim()).filter(Boolean).join("|");
  if (set.mode === "floating") delete set.mode;
  return Object.entries(set).filter(([, value]) => value);
}

/** As HTML writes it in an attribute. */
function escaped(value) {
  return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function update() {
  const set = options();
  const attributes = set.map(([name, value]) => ` data-${name}="${escaped(value)}"`).join("");
  const { language } = Object.fromEntries(set);
  // The script brings the words of this language, so that none need fetching.
  const src = address + (language ? `?language=${language}` : "");
  snippet.textContent = `<script src="${src}"${attributes} async></script>`;
  const wanted = new Map([["mode", "floating"], ...set]);
  for (const { name } of [...chat.attributes]) {
    if (!wanted.has(name) && name !== "open") chat.removeAttribute(name);
  }
  // The preview is open all the same.
  wanted.delete("open");
  for (const [name, value] of wanted) if (chat.getAttribute(name) !== value) chat.setAttribute(name, value);
  copied.textContent = "";
}

document.getElementById("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(snippet.textContent);
    copied.textContent = copied.dataset.copied;
  } catch {
    getSelection().selectAllChildren(snippet);
    copied.textContent = copied.dataset.selected;
  }
});
form.addEventListener("input", update);
form.addEventListener("submit", (event) => event.preventDefault());
update();
chat.setAttribute("open", "");
stage.append(chat);
