// When the server cannot be reached, or refuses a question. Gradio tells both in words of its own,
// which the style sheet hides; where the server is lost, it loads the page anew once it is back.
const lost = make("p", { className: "fn-lost", textContent: words.offline, hidden: true });

/** What stands over the box once Gradio says there that a question has failed. */
function tellWhy(why) {
  document.documentElement.style.setProperty("--fn-not-sent", JSON.stringify(why));
}

// Gradio reads no error but a text, and waits for ever after one of another form.
const fetched = fetch;
window.fetch = async (address, given) => {
  if (!String(address).includes("/gradio_api/run/")) return fetched(address, given);
  if (!hasMouse.matches) box().blur();
  // For what looks like an answer and is none, such as the page of a proxy.
  tellWhy(words.not_sent);
  const reply = await fetched(address, given);
  if (reply.ok) return reply;
  const why = refusalOf(reply);
  tellWhy(why);
  say(why);
  return new Response(JSON.stringify({ error: why }), { status: reply.status });
};

/** Why a question was refused, and how soon it may be asked again, where the server tells. */
function refusalOf({ status, headers }) {
  const wait = Number(headers.get("Retry-After"));
  if (status === 429 && wait) return fill(words.fault_limit, { when: soon(wait) });
  return [429, 503].includes(status) ? words.fault_busy : words.not_sent;
}

/** In so many seconds, in words: "in 40 seconds", "in 3 minutes"; never too early. */
function soon(seconds) {
  const [size, unit] = [[3600, "hour"], [60, "minute"]].find(([each]) => seconds >= 2 * each) ?? [1, "second"];
  return new Intl.RelativeTimeFormat(locale()).format(Math.ceil(seconds / size), unit);
}

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
