// Parts, fields and values as they are named in the reader's language.

import { begun, say } from "../builder/begun.js";
import { find } from "./document.js";

export const spoken = (texts) => texts?.[begun.reader] || Object.values(texts ?? {}).find(Boolean) || "";

export const person = (login) => begun.people[login] ?? login;

export const split = (part) => {
  const [kind, target = ""] = part.split(":");
  return { kind, target };
};

export const nameOf = (held) => spoken(held?.name) || say("unnamed");

// A part as `node:refund`, in words.
export function partName(map, part) {
  const { kind, target } = split(part);
  if (kind === "map") return say("map");
  const held = find(map, kind, target);
  return `${say(kind)} ${held ? nameOf(held) : target}`;
}

export function fieldLabel(part, field) {
  const [own, tongue] = field.split(".");
  const known = begun.fields[part].find((one) => one.name === own);
  const label = known?.label ?? own;
  return tongue ? `${label} (${say(tongue === "en" ? "english" : "chinese")})` : label;
}

// A value of a field, in words.
export function valueWords(field, value) {
  if (field === "wish") return begun.wishes.find(([name]) => name === value)?.[1] ?? say("unsaid");
  if (field === "metric") return begun.measures.find(([name]) => name === value)?.[1] ?? value;
  if (field === "owner") return value ? person(value) : say("nobody");
  if (field === "persona") return begun.personas.find(([key]) => key === value)?.[1] ?? (value || say("everybody"));
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  if (Array.isArray(value)) return value.join(", ") || "–";
  if (value && typeof value === "object") return spoken(value) || "–";
  return value || "–";
}

// Where a move puts a part, in words.
export function placeWords(map, part, value) {
  const before = value.after ? find(map, part, value.after) : null;
  if (part !== "node") return before ? say("after_name", { name: nameOf(before) }) : say("at_first");
  const stage = nameOf(find(map, "stage", value.stage));
  const lane = nameOf(find(map, "lane", value.lane));
  const isThere = before && before.stage === value.stage && before.lane === value.lane;
  return say(isThere ? "after_of" : "first_of", { stage, lane, name: nameOf(before) });
}

// What an operation is about, in words.
export function about(map, op) {
  const what = partName(map, `${op.part}:${op.target}`);
  return op.does === "set" ? say("set", { what, field: fieldLabel(op.part, op.field) }) : what;
}

export const initials = (name) => {
  const words = name.trim().split(/\s+/);
  const isWide = /[\u3400-\u9fff]/.test(name);
  return isWide ? name.trim().slice(-2) : words.slice(0, 2).map((one) => one[0] ?? "").join("").toUpperCase();
};
