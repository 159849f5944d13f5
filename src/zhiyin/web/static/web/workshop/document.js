// A map's document and what operations make of it, as the server does it (zhiyin/maps/operations.py).
// Nothing here changes a document in its place, so that every state before can be shown again.

export const LISTS = { stage: "stages", lane: "lanes", node: "nodes" };
export const TONGUES = ["en", "zh-Hans"];

const USUAL = {
  map: { name: {}, about: {}, persona: "", goal: "", pause: "30d", whole: "", metric: "csat" },
  stage: { name: {}, begins: false },
  lane: { name: {} },
  node: {
    name: {}, wish: "", wants: {}, promise: {}, promise_question: "", channels: [], owner: "", events: "", answers: "",
    done: "", within: "1d", bad: "", is_required: false, is_help: false, cause: {},
  },
};

export const begin = (document) => ({ stages: [], lanes: [], nodes: [], ...document });

export const find = (map, part, target) => (part === "map" ? map : map[LISTS[part]]?.find((one) => one.id === target));

export const at = (map, stage, lane) => map.nodes.filter((one) => one.stage === stage && one.lane === lane);

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// The value of a field, `name.en` for a text in one language; undefined where the part is gone.
export function read(map, part, target, field) {
  const held = find(map, part, target);
  if (!held) return undefined;
  const [own, tongue] = field.split(".");
  const value = held[own] ?? USUAL[part][own];
  return tongue ? (value?.[tongue] ?? "") : value;
}

// The map with an operation done, and what stood there; null where it cannot be done.
export function applied(map, op) {
  if (op.does === "set") return set(map, op);
  const name = LISTS[op.part];
  const parts = [...(map[name] ?? [])];
  const place = parts.findIndex((one) => one.id === op.target);
  const value = op.value ?? {};
  if (op.does === "add") {
    if (place >= 0) return null;
    const { after, ...made } = value;
    parts.splice(behind(parts, after), 0, made);
    return { map: { ...map, [name]: parts }, before: null };
  }
  if (place < 0) return null;
  const after = place ? parts[place - 1].id : "";
  const [held] = parts.splice(place, 1);
  if (op.does === "remove") {
    if (op.part !== "node" && map.nodes.some((one) => one[op.part] === op.target)) return null;
    return { map: { ...map, [name]: parts }, before: { ...held, after } };
  }
  const isNode = op.part === "node";
  const moved = isNode ? { ...held, stage: value.stage ?? held.stage, lane: value.lane ?? held.lane } : held;
  parts.splice(behind(parts, value.after), 0, moved);
  return { map: { ...map, [name]: parts }, before: isNode ? { after, stage: held.stage, lane: held.lane } : { after } };
}

function set(map, op) {
  const held = find(map, op.part, op.target);
  if (!held) return null;
  const [own, tongue] = op.field.split(".");
  const before = read(map, op.part, op.target, op.field);
  let { value } = op;
  if (tongue) {
    value = { ...held[own], [tongue]: op.value };
    if (op.value === "") delete value[tongue];
  }
  const changed = { ...held, [own]: value };
  if (op.part === "map") return { map: changed, before };
  const name = LISTS[op.part];
  return { map: { ...map, [name]: map[name].map((one) => (one === held ? changed : one)) }, before };
}

function behind(parts, after) {
  if (after === "") return 0;
  const place = parts.findIndex((one) => one.id === after);
  return place < 0 ? parts.length : place + 1;
}

// The operation that takes another one back.
export function turned(op, before) {
  const does = { add: "remove", remove: "add" }[op.does] ?? op.does;
  return { ...op, does, value: op.does === "add" ? null : before };
}

// What a move says so that a touchpoint stands at a place among those of a cell.
export function placed(map, id, stage, lane, index) {
  const others = map.nodes.filter((one) => one.id !== id);
  const cell = others.filter((one) => one.stage === stage && one.lane === lane);
  if (index > 0 && cell.length) return { stage, lane, after: cell[Math.min(index, cell.length) - 1].id };
  if (!cell.length) return { stage, lane, after: others.at(-1)?.id ?? "" };
  const first = others.indexOf(cell[0]);
  return { stage, lane, after: first ? others[first - 1].id : "" };
}

// What a move says so that a stage or a lane stands at a place in its list.
export function ordered(map, part, id, index) {
  const others = map[LISTS[part]].filter((one) => one.id !== id);
  return { after: index > 0 ? others[Math.min(index, others.length) - 1].id : "" };
}

// An id that nobody else makes at the same moment.
export function idFor(text) {
  const own = text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 30);
  return `${own ? `${own}-` : "t-"}${random(5)}`;
}

export function random(length) {
  const given = crypto.getRandomValues(new Uint8Array(length));
  return [...given].map((one) => (one % 36).toString(36)).join("");
}
