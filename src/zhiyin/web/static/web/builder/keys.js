// Keys of the parts of a document, and how one of them is changed.

import { begun } from "./begun.js";
import { put, same } from "./store.js";

export const idOf = (pointer) => `f${pointer.replaceAll("/", "-")}`;

// Keys of a part that say something of it.
export function keysOf(part, question = null) {
  return begun.parts[part].filter((key) => !begun.later.includes(key.name) && (!question || !key.types || key.types.includes(question.type)));
}

export function change(store, pointer, key, value) {
  const owner = pointer.slice(0, pointer.lastIndexOf("/"));
  const isUsual = value === undefined || (!key.is_needed && same(value, key.default));
  store.commit(put(store.document, `${owner}/${key.name}`, isUsual ? undefined : value), { key: pointer });
}
