// The reader beside the answer. On a phone it takes the whole page.
let panel = null;
let opener = null;

function openPanel(link) {
  const address = new URL(link.href);
  address.searchParams.set("view", "panel");
  address.searchParams.set("lang", told.language);
  if (!panel) panel = makePanel();
  const frame = make("iframe", { title: link.title || link.textContent, src: address });
  panel.querySelector("iframe")?.remove();
  panel.append(frame);
  panel.hidden = false;
  opener?.classList.remove("fn-open");
  opener = link;
  link.classList.add("fn-open");
  panel.querySelector("button").focus();
}

function closePanel() {
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  panel.querySelector("iframe")?.remove();
  opener.classList.remove("fn-open");
  opener.focus();
}

function makePanel() {
  const close = make("button", { type: "button", className: "fn-close", "aria-label": words.close });
  close.append(make("span", { "aria-hidden": "true", textContent: "×" }));
  close.addEventListener("click", closePanel);
  const made = make("aside", { className: "fn-panel", "aria-label": words.panel },
    make("div", { className: "fn-panel-head" }, make("span", { textContent: words.panel }), close));
  home().append(made);
  return made;
}

addEventListener("message", (event) => {
  if (event.origin === location.origin && event.data === "footnote:close") closePanel();
});
