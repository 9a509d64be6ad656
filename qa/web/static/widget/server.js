/** The way to the server that the script came from, and what can go wrong on it. */

/**
 * @typedef {{id: string, title: string|null, source: string|null, author: string|null, url: string|null, label: string|null, excerpt: boolean}} Article
 * @typedef {{id: string, start: number, end: number, text: string}} Passage
 * @typedef {{number: number, quote: string, quote_start: number, quote_end: number,
 *   answer_start: number|null, answer_end: number|null, passage: Passage,
 *   article: Article, when: string|null, heading: string|null, link: string, source_link: string|null,
 *   also_in: {article_id: string}[], corrections: {text: string}[]}} Citation
 * @typedef {{question: string, status: string, unsure: boolean, close: boolean, understood_as: string,
 *   understood_when: {phrase: string, text: string, other: {text: string}|null}|null,
 *   unread_when: string|null, unknown_names: string[], order: string, reports_differ: boolean,
 *   understood_spelling: {text: string, words: {typed: string, read: string}[]}|null,
 *   reply: string|null, citations: Citation[], nearest: Citation[], suggestions: string[],
 *   parts: {question: string, citations: number[]}[], page_article: string|null}} Answer
 */

const PATIENCE = 10_000;

/**
 * With a token that the server does not take, it is asked without one: an old page still has answers.
 * @param {string} url @param {object} body @param {AbortSignal} signal
 * @param {string|null} [token] @returns {Promise<any>}
 * @throws a `failure`, whose code is "AbortError" where `signal` ended it, else one of our words
 */
async function post(url, body, signal, token) {
  /** @type {any} */
  let response;
  let told;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(token && { "Reader-Token": token }) },
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    told = await response.json();
    if (response.ok) return told;
  } catch (fault) {
    const { name } = /** @type {Error} */ (fault);
    // What is no JSON comes from something in between, whose status tells more.
    if (name != "SyntaxError") throw failure(/** @type {any} */ ({ AbortError: name, TimeoutError: "slow" })[name] || "offline");
  }
  const { status, headers } = response;
  const { code: kind, message } = told?.error || {};
  if (status == 401 && token) {
    warn(message);
    return post(url, body, signal);
  }
  const isSource = kind == "unknown_source";
  // A mistake of whoever put the tag there, which no reader can mend.
  if (isSource) warn(message);
  const code = /** @type {any} */ ({ 422: !isSource && "unclear", 429: "busy", 503: "busy" })[status] || "failed";
  throw failure(code, message, headers.get("retry-after"));
}

/** @param {string} code @param {string} [message] @param {string|null} [wait] seconds, where the server tells */
function failure(code, message, wait) {
  return Object.assign(Error(message || code), { code, wait });
}

/**
 * @param {string} link as the server gives it @param {string} server
 * @returns {string} its address, also where the server does not know the path that it is behind
 */
function addressOf(link, server) {
  const { pathname } = new URL(server);
  return new URL(link.startsWith(pathname) ? link : pathname + link.slice(1), server).href;
}

/** @param {Turn[]} turns @returns {(string|object)[]} the conversation so far, as the server takes it */
function earlier(turns) {
  // A greeting, or what reads as no question, is nothing that a question follows on.
  return turns.filter(({ answer }) => !answer.reply).slice(-6).map(({ question, answer }) => ({
    question,
    cited: answer.citations.map(({ passage }) => passage.id),
  }));
}
