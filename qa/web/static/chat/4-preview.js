// The passage of a number, shown where the pointer or the focus is (WCAG 1.4.13).
let preview = null;
let previewed = null;
let waiting = 0;

function showPreview(number) {
  clearTimeout(waiting);
  if (previewed === number) return;
  hidePreview();
  const cited = number.closest(".fn-cited");
  const passage = cited?.querySelector(".fn-passage") ?? cited?.querySelector(".fn-quote p");
  if (!passage) return;
  const copy = passage.cloneNode(true);
  copy.querySelectorAll(".fn-number").forEach((each) => each.remove());
  const text = make("p", { className: "fn-preview-text", lang: "" }, ...copy.childNodes);
  const facts = [".fn-title", ".fn-facts"].map((part) => cited.querySelector(part)?.textContent);
  preview = make("div", { className: "fn-preview", role: "tooltip", id: "fn-preview" }, text,
    make("p", { className: "fn-preview-facts", textContent: facts.filter(Boolean).join(" · ") }));
  home().append(preview);
  number.setAttribute("aria-describedby", preview.id);
  number.removeAttribute("title");
  previewed = number;
  place(number);
  preview.addEventListener("pointerenter", () => clearTimeout(waiting));
  preview.addEventListener("pointerleave", hideSoon);
}

function place(number) {
  const at = number.getBoundingClientRect();
  const size = preview.getBoundingClientRect();
  // In line with the number, on the side where lines begin.
  const left = told.direction === "rtl" ? at.right - size.width : at.left;
  preview.style.left = `${Math.max(8, Math.min(left, document.documentElement.clientWidth - size.width - 8))}px`;
  const isAbove = at.top > size.height + 12;
  preview.style.top = isAbove ? `${at.top - size.height - 6}px` : `${at.bottom + 6}px`;
}

function hideSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(hidePreview, 200);
}

function hidePreview() {
  clearTimeout(waiting);
  previewed?.removeAttribute("aria-describedby");
  preview?.remove();
  preview = previewed = null;
}

const numberAt = (event) => event.target.closest?.("#fn-conversation .fn-number");
addEventListener("pointerover", (event) => {
  if (event.pointerType !== "touch" && numberAt(event)) showPreview(numberAt(event));
});
addEventListener("pointerout", (event) => numberAt(event) && hideSoon());
addEventListener("focusin", (event) => {
  const number = numberAt(event);
  if (number?.matches(":focus-visible")) showPreview(number);
});
addEventListener("focusout", (event) => numberAt(event) && hideSoon());
addEventListener("scroll", hidePreview, { passive: true });
