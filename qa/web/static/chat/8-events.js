// One listener for clicks, one for keys, and one for what Gradio puts into the page.
document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest?.(`#fn-conversation ${selector}`);
  const answer = on(".fn-answer");
  // The button that opened the form closes it.
  closeMenus(on(".fn-export") ?? on(".fn-why") ?? (on(".fn-down") && answer.querySelector(".fn-why")));
  if (!answer) return;
  const link = on("a[href*='/articles/']");
  if (link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    hidePreview();
    openPanel(link);
    return;
  }
  const file = on(".fn-file");
  if (file) {
    // Messages open links in tabs; a file needs none.
    file.removeAttribute("target");
    file.download = "";
    return;
  }
  act(event, on, answer);
});

function act(event, on, answer) {
  const asked = toldOf(answer);
  if (on(".fn-copy")) copy(lineOf(answer, answer.querySelector(".fn-lead")), on(".fn-copy"));
  else if (on(".fn-permalink")) {
    event.preventDefault();
    share(on(".fn-permalink"), asked.question);
  } else if (on(".fn-chip")) change(on(".fn-chip"), asked);
  else if (on(".fn-next")) ask(on(".fn-next").textContent, filters);
  else if (on("[aria-pressed=true]")) return;
  else if (on(".fn-up")) tell(answer, "up", [], "");
  else if (on(".fn-down")) openOrClose(answer);
}

function openOrClose(answer) {
  const form = answer.querySelector(".fn-why");
  if (form) closeMenu(form);
  else askWhy(answer);
}

/** Menus of files and forms of reasons, but for one. Whether one was open. */
function closeMenus(but) {
  const open = [...document.querySelectorAll(".fn-export[open], .fn-why")].filter((each) => each !== but);
  open.forEach(closeMenu);
  return open.length > 0;
}

function closeMenu(menu) {
  const isForm = menu.matches(".fn-why");
  const opener = isForm ? menu.parentElement.querySelector(".fn-down") : menu.querySelector("summary");
  if (menu.contains(document.activeElement)) opener.focus();
  if (isForm) opener.ariaExpanded = "false";
  if (isForm) menu.remove();
  else menu.open = false;
}

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (preview) hidePreview();
  else if (!typed.hidden) closeTyped();
  else if (!closeMenus()) closePanel();
});

/** Gradio tells there that it is done, by the name of a message that no language has. */
function hush() {
  for (const each of document.querySelectorAll(".sr-only[role=status]")) each.hidden = true;
}

/** A message's name is what it says, not the HTML it was made from; ours is the live region. */
function unname() {
  for (const message of document.querySelectorAll("#fn-conversation [data-testid][aria-label]")) {
    message.removeAttribute("aria-label");
  }
  // Gradio writes a direction on each message and on the box.
  for (const each of document.querySelectorAll("#fn-conversation [dir]:not(.fn-quote), #fn-ask, #fn-ask textarea")) {
    if (each.dir !== told.direction) each.dir = told.direction;
  }
  for (const log of document.querySelectorAll("#fn-conversation [aria-live]")) {
    if (log.ariaLive !== "off") log.ariaLive = "off";
    if (log.ariaLabel !== words.conversation) log.ariaLabel = words.conversation;
  }
}

/** Text of articles and of questions is in a language that nobody has told. */
function mark(answer) {
  for (const each of answer.querySelectorAll(".fn-quote p, .fn-passage, .fn-title, .fn-heading, .fn-next")) {
    each.lang = "";
  }
  for (const each of thumbsOf(answer)) each.ariaPressed = "false";
  // Its rule stands where its words begin.
  for (const each of answer.querySelectorAll(".fn-quote")) each.dir = "auto";
  labelFurther(answer.querySelector(".fn-further"));
}

let seen = 0;
let furnished = false;

function follow() {
  const foot = document.querySelector("#fn-foot");
  const isThere = ["#fn-how", "#fn-other", "#fn-go"].every((each) => document.querySelector(each));
  if (foot && isThere && !furnished) {
    furnished = true;
    home().append(speaker);
    document.documentElement.lang = told.language;
    head(foot);
    document.querySelector("#fn-awaiting")?.remove();
    furnish(foot);
    offerWhileTyping(foot);
    keepHow();
    askFromAddress();
  }
  unname();
  hush();
  noteLoss();
  const answers = document.querySelectorAll("#fn-conversation :is(.fn-answer, .fn-problem)");
  if (fields.anew) fields.anew.hidden = !answers.length;
  promise.hidden = Boolean(answers.length);
  for (const answer of answers) {
    if (answer.isNoted) continue;
    answer.isNoted = true;
    if (answer.matches(".fn-answer")) {
      mark(answer);
      if (answer === [...answers].at(-1)) oncePainted(() => fetchFurther(answer));
    }
  }
  const newest = [...answers].at(-1);
  if (newest && newest !== follow.newest) {
    asking = "";
    closeTyped();
    follow.newest = newest;
    closePanel();
    say(newest.matches(".fn-answer") ? spoken(newest) : newest.textContent);
    if (newest.matches(".fn-answer")) keepAddress(newest.querySelector(".fn-permalink").href);
    const last = [...document.querySelectorAll("#fn-conversation .user-row")].at(-1);
    requestAnimationFrame(() => last?.scrollIntoView({ block: "start" }));
  } else if (!newest && seen) {
    follow.newest = null;
    closePanel();
    keepAddress();
  }
  seen = answers.length;
}

new MutationObserver(follow).observe(document.body, { childList: true, subtree: true });
follow();
