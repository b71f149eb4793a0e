"use strict";
// Fills the table of rows: search, filter, sort, pages. Whatever comes from the data becomes text, never markup.
// A row: [input, row number, key, outcome, contact id, who, changes, stored otherwise, reasons].
// A change: [field, after, before?]; a list is a list of group names. A reason: its number, or [number, what is said].
(() => {
  const INPUT = 0, PLACE = 1, KEY = 2, OUTCOME = 3, CONTACT = 4, WHO = 5, CHANGES = 6, ALTERED = 7, REASONS = 8, SEARCHED = 9;
  const SHOWN = 50, SEEN = 16, PRINTED = 2000, ALTERED_FILTER = "altered";
  const SLICE = 20, REST = 25; // milliseconds: of work before the page answers, and until it draws the rest
  const PART = 500; // rows at a time
  const data = JSON.parse(document.getElementById("data").textContent);
  const { rows, texts, outcomes, fields, reasons, inputs } = data;
  const at = (id) => document.getElementById(id);
  const collator = new Intl.Collator("tr", { numeric: true, sensitivity: "variant" });
  const figure = new Intl.NumberFormat(data.language).format;
  const state = {
    words: [], kinds: new Set(), reason: null, sort: null, down: false, first: 0, order: rows, found: rows, whole: true, asked: 0,
  };

  const say = (name, values) => texts[name].replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

  function make(name, className, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  // Search: without regard to case, dots and accents, in Turkish and English alike; numbers without regard to blanks.

  const bare = new Map(); // letters that are not plain ones, as they stand together → without their marks
  const plain = (text) =>
    text.replace(/[İIı]/g, "i").toLowerCase().replace(/[^\x00-\x7f]+/g, (letters) => {
      if (!bare.has(letters)) bare.set(letters, letters.normalize("NFD").replace(/\p{M}/gu, ""));
      return bare.get(letters);
    });
  const flat = (value) => (Array.isArray(value) ? value.join(" ") : value);
  const said = (reason) => (Array.isArray(reason) ? reason[1] : reasons[reason].at(-1)); // of one row; of all: [1]
  const number = (reason) => (Array.isArray(reason) ? reason[0] : reason);
  const BETWEEN = "\u0001"; // in no text of the page

  function parts(row) {
    const found = [row[PLACE], row[KEY], row[CONTACT] ?? "", row[WHO], outcomes[row[OUTCOME]].word];
    for (const [field, after, before] of [...row[CHANGES], ...row[ALTERED]]) {
      found.push(fields[field], flat(after), before === undefined ? "" : flat(before));
    }
    for (const reason of row[REASONS]) found.push(reasons[number(reason)][0], said(reason));
    return found.join("\n");
  }

  // What is searched of each row, made of many rows at once: that takes a fraction of the time. In the background a part
  // after the other, and faster as soon as somebody types.
  let prepared = 0;
  function prepare(count) {
    const some = rows.slice(prepared, prepared + count);
    const texts = plain(some.map(parts).join(BETWEEN)).split(BETWEEN);
    some.forEach((row, place) => row.push(texts[place]));
    prepared += some.length;
  }
  function prepareQuietly() {
    if (prepared >= rows.length) return;
    prepare(1000);
    setTimeout(prepareQuietly, 0);
  }

  function wanted(query) {
    const digits = query.replace(/[\s()+.\-]/g, "");
    if (/^\d{4,}$/.test(digits)) return [digits.replace(/^0+(?=\d)/, "")];
    return plain(query).split(/\s+/).filter(Boolean);
  }

  function fits(row) {
    const { kinds, reason, words } = state;
    if (kinds.size && !kinds.has(outcomes[row[OUTCOME]].name) && !(kinds.has(ALTERED_FILTER) && row[ALTERED].length)) return false;
    if (reason !== null && !row[REASONS].some((each) => number(each) === reason)) return false;
    return words.every((word) => row[SEARCHED].includes(word));
  }

  // Order

  const details = (row) => (row[REASONS].length ? said(row[REASONS][0]) : row[CHANGES].length ? flat(row[CHANGES][0][1]) : "");
  const orders = {
    place: (a, b) => a[INPUT] - b[INPUT] || a[PLACE] - b[PLACE],
    key: (a, b) => collator.compare(a[KEY], b[KEY]),
    outcome: (a, b) => collator.compare(outcomes[a[OUTCOME]].word, outcomes[b[OUTCOME]].word),
    details: (a, b) => collator.compare(details(a), details(b)),
  };

  function sortBy(name) {
    if (state.sort !== name) [state.sort, state.down] = [name, false];
    else if (!state.down) state.down = true;
    else state.sort = null; // the third time: the page's own order again
    for (const head of document.querySelectorAll("th[data-sort]")) {
      if (head.dataset.sort === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    const compare = orders[state.sort];
    state.order = compare ? [...rows].sort(state.down ? (a, b) => compare(b, a) : compare) : rows;
    find();
  }

  // The page answers a key at once with what was found by then, and goes on searching; the next key ends that.
  function find() {
    const all = !state.kinds.size && state.reason === null && !state.words.length;
    state.found = all ? state.order : [];
    state.whole = all;
    state.first = 0;
    state.asked++;
    if (all) show();
    else search(state.asked, 0);
  }

  function search(asked, from) {
    if (asked !== state.asked) return;
    const { order, found, words } = state, until = performance.now() + SLICE, before = found.length;
    let place = from;
    do {
      if (words.length && prepared < rows.length) prepare(PART);
      const end = !words.length || prepared >= rows.length ? order.length : order === rows ? prepared : 0;
      const stop = Math.min(end, place + PART);
      for (; place < stop; place++) if (fits(order[place])) found.push(order[place]);
    } while (place < order.length && performance.now() < until);
    state.whole = place >= order.length;
    const isNew = before < SHOWN && found.length > before; // what is on the first page
    if (isNew || (state.whole && !found.length)) show();
    else tell();
    if (!state.whole) setTimeout(() => search(asked, place), from ? 0 : REST);
  }

  // One row

  const bdi = (text, className) => {
    const element = make("bdi", className);
    element.textContent = text;
    return element;
  };
  const nothing = () => make("span", "none", texts.empty);
  const marked = (name, text) => (text ? [make(name, "", text)] : []);

  // What both texts begin and end with stays, and what is between is marked; texts that have little in common are marked
  // as a whole. Letters are never cut in two.
  function difference(before, after) {
    const old = [...before], now = [...after];
    let start = 0, end = 0;
    while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
    while (end < Math.min(old.length, now.length) - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
    if ((start + end) * 2 < Math.min(old.length, now.length)) start = end = 0;
    const parts = (letters, name) => {
      const text = (from, to) => letters.slice(from, to).join("");
      const stop = letters.length - end;
      return [text(0, start), ...marked(name, text(start, stop)), text(stop)];
    };
    return [make("bdi", "", ...parts(old, "del")), make("bdi", "", ...parts(now, "ins"))];
  }

  function listed(names, others, name) {
    if (!names.length) return nothing();
    const parts = names.flatMap((each, place) => [place ? ", " : "", others.includes(each) ? bdi(each) : make(name, "", bdi(each))]);
    return make("span", "", ...parts);
  }

  // Of a new contact only what it will hold; of any other what there was before it, too.
  function value([, after, before], alone) {
    if (Array.isArray(after)) {
      const from = before ?? [];
      return alone ? [listed(after, after, "ins")] : [listed(from, after, "del"), ...arrow(), listed(after, from, "ins")];
    }
    if (alone) return [after ? bdi(after) : nothing()];
    if (before === undefined) return [nothing(), ...arrow(), make("ins", "", bdi(after))];
    if (!after) return [make("del", "", bdi(before)), ...arrow(), nothing()];
    const [old, now] = difference(before, after);
    return [old, ...arrow(), now];
  }

  function arrow() {
    const sign = make("span", "arrow", "→");
    sign.setAttribute("aria-hidden", "true");
    return [sign, make("span", "unseen", ` ${texts.becomes} `)];
  }

  // What a new contact's key is stands beside it, and on paper need not be said twice.
  function listOf(changes, alone, key) {
    const line = (each) => {
      const name = alone && each[1] === key ? "is-key" : "";
      return make("div", name, make("dt", "", fields[each[0]]), make("dd", "", ...value(each, alone)));
    };
    return make("dl", "", ...changes.map(line));
  }

  const isNew = (row) => outcomes[row[OUTCOME]].name === "added" || row[CONTACT] === null;

  function told(row) {
    const parts = row[REASONS].map((reason) => {
      const [column] = reasons[number(reason)];
      return make("p", column ? "said" : "said whole", ...(column ? [make("b", "", bdi(column), ": ")] : []), bdi(said(reason)));
    });
    if (row[CHANGES].length) parts.push(listOf(row[CHANGES], isNew(row), row[KEY]));
    if (row[ALTERED].length) parts.push(make("p", "altered", texts.altered), listOf(row[ALTERED], false));
    return parts;
  }

  function word(outcome) {
    const sign = make("span", `sign ${outcome.name}`, outcome.sign);
    sign.setAttribute("aria-hidden", "true");
    return [sign, outcome.word];
  }

  function drawn(row) {
    const who = [bdi(row[KEY], "key")];
    if (row[WHO]) who.push(bdi(row[WHO], "who"));
    if (row[CONTACT] !== null) who.push(make("span", "id", say("contact", { id: row[CONTACT] })));
    const place = inputs.length > 1 ? [bdi(inputs[row[INPUT]]), `:${row[PLACE]}`] : [`${row[PLACE]}`];
    const cells = [place, who, word(outcomes[row[OUTCOME]]), told(row)].map((parts) => make("td", "", ...parts));
    for (const cell of cells) cell.setAttribute("role", "cell");
    const line = make("tr", "", ...cells);
    line.setAttribute("role", "row");
    return line;
  }

  // The rows on the page

  // What fits on a screen is drawn at once, the others when that has been painted; on paper all of them at once.
  let drawing = 0;
  function show(most = SHOWN) {
    const { found, first } = state;
    const some = found.slice(first, first + most), now = most === SHOWN ? SEEN : most;
    const mine = ++drawing;
    at("body").replaceChildren(...some.slice(0, now).map(drawn));
    tell(most);
    if (some.length > now) {
      setTimeout(() => {
        if (mine !== drawing) return;
        at("body").append(...some.slice(now).map(drawn));
        waits();
      }, REST);
    }
    waits();
  }

  // Whether rows are still to come, for a screen reader.
  function waits() {
    const { found, first, whole } = state;
    const there = at("body").childElementCount >= Math.min(SHOWN, found.length - first);
    if (whole && there) at("body").removeAttribute("aria-busy");
    else at("body").setAttribute("aria-busy", "true");
  }

  function tell(most = SHOWN) {
    const { found, first, whole } = state;
    const last = Math.min(first + most, found.length);
    const count = say("of_rows", { shown: figure(found.length), all: figure(rows.length) });
    const cut = most === PRINTED && found.length > most ? ` – ${say("printed", { count: figure(most) })}` : "";
    at("page").parentElement.hidden = whole && found.length <= SHOWN;
    if (whole) at("count").textContent = found.length || !rows.length ? count + cut : `${count}. ${texts.no_rows}`;
    at("page").textContent = found.length ? say("of_pages", { first: figure(first + 1), last: figure(last) }) : "";
    at("back").disabled = first === 0;
    at("on").disabled = last === found.length;
    waits();
  }

  function turn(step) {
    state.first = Math.max(0, state.first + step * SHOWN);
    show();
    at("rows").scrollIntoView();
  }

  function choose(reason) {
    state.reason = reason;
    at("chosen").hidden = reason === null;
    if (reason !== null) {
      const [column, text] = reasons[reason];
      at("why").textContent = say("in_reason", { reason: column ? `${column}: ${text}` : text });
    }
    find();
  }

  function filterBox(name, sign, text, count) {
    const box = make("input", "");
    box.type = "checkbox";
    box.addEventListener("change", () => {
      if (box.checked) state.kinds.add(name);
      else state.kinds.delete(name);
      find();
    });
    return make("label", "", box, ...sign, `${text} ${figure(count)}`);
  }

  function filters() {
    const counts = outcomes.map(() => 0);
    for (const row of rows) counts[row[OUTCOME]]++;
    outcomes.forEach((outcome, place) => {
      const [sign] = word(outcome);
      if (counts[place] && counts[place] < rows.length) at("filter").append(filterBox(outcome.name, [sign], outcome.word, counts[place]));
    });
    const altered = rows.filter((row) => row[ALTERED].length).length;
    if (altered) at("filter").append(filterBox(ALTERED_FILTER, [], texts.altered, altered));
    at("filter").hidden = at("filter").childElementCount < 2;
  }

  at("search").addEventListener("input", (event) => {
    state.words = wanted(event.target.value);
    find();
  });
  for (const head of document.querySelectorAll("th[data-sort]")) {
    head.firstElementChild.addEventListener("click", () => sortBy(head.dataset.sort));
  }
  for (const button of document.querySelectorAll("button[data-reason]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      choose(Number(button.dataset.reason));
      at("rows").focus();
    });
  }
  at("any").addEventListener("click", () => choose(null));
  at("back").addEventListener("click", () => turn(-1));
  at("on").addEventListener("click", () => turn(1));
  addEventListener("beforeprint", () => {
    state.first = 0;
    show(PRINTED);
  });
  addEventListener("afterprint", () => show());
  document.querySelector("table.rows").classList.toggle("several", inputs.length > 1);
  filters();
  show();
  setTimeout(prepareQuietly, 50);
})();
