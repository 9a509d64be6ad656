// Gradio names each message by its source and leaves the page where it was: put both right.

/** A message's name is what it says, not the HTML it was made from. */
function unname(root) {
  for (const message of root.querySelectorAll("#fn-conversation [data-testid][aria-label]")) {
    message.removeAttribute("aria-label");
  }
}

/** The question that was asked last, so that its answer is read from the top. */
function latest() {
  return [...document.querySelectorAll("#fn-conversation .user-row")].at(-1);
}

let seen = 0;

function follow() {
  unname(document);
  const answers = document.querySelectorAll("#fn-conversation :is(.fn-answer, .fn-problem)").length;
  if (answers > seen) {
    requestAnimationFrame(() => latest()?.scrollIntoView({ block: "start" }));
  }
  seen = answers;
}

new MutationObserver(follow).observe(document.body, { childList: true, subtree: true });
