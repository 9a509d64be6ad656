// When the server cannot be reached. Gradio tells it in words of its own, which the style sheet
// hides, and loads the page anew once it is back.
const lost = make("p", { className: "fn-lost", textContent: words.offline, hidden: true });

function noteLoss() {
  const isLost = Boolean(document.querySelector(".toast-body.error"));
  if (isLost === !lost.hidden) return;
  lost.hidden = !isLost;
  if (!isLost) return;
  say(words.offline);
  keepQuestion(document.querySelector("#fn-ask textarea").value || asking);
}

/** The page's address asks it, so that the page that is loaded then does. */
function keepQuestion(question) {
  if (!question) return;
  const address = new URL(location.href);
  const kept = Object.entries({ ...filters, q: question }).filter(([, value]) => value);
  for (const [name, value] of kept) address.searchParams.set(name, value);
  history.replaceState(null, "", address);
}
