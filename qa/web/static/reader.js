// What a page can do where scripts run: all of it can be read without.
"use strict";
const quote = document.getElementById("quote");
const copy = document.getElementById("copy");

// A link without a fragment leaves the quote out of view: bring it there.
if (quote && !location.hash) {
  quote.scrollIntoView({ block: "center" });
}

// What is near the beginning is seen from there, with the whole headline above it.
addEventListener("load", () => {
  if (quote && quote.getBoundingClientRect().bottom + scrollY < innerHeight * 0.7) scrollTo(0, 0);
});

// In a frame of the chat: Escape asks the page around to close it.
if (window.parent !== window) {
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      window.parent.postMessage("footnote:close", location.origin);
    }
  });
}

if (copy) {
  const told = document.getElementById("copied");
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    told.textContent = "";
    const isDone = await write(copy.dataset.line);
    told.textContent = isDone ? copy.dataset.copied : copy.dataset.failed;
  });
}

async function write(line) {
  try {
    await navigator.clipboard.writeText(line);
    return true;
  } catch {
    return writeFromPage(line);
  }
}

// Over plain http there is no clipboard, but what is selected can be copied.
function writeFromPage(line) {
  const field = document.createElement("textarea");
  field.value = line;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  copy.focus();
  return isDone;
}
