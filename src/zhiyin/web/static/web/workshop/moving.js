// Parts are added, moved and removed; each is said in words, with a way back beside it.

import { announce, begun, say } from "../builder/begun.js";
import { at, find, idFor, LISTS, ordered, placed } from "./document.js";
import { nameOf } from "./naming.js";

export class Moving {
  constructor(store, onundo) {
    this.store = store;
    this.onundo = onundo;
  }

  #said(text, id) {
    if (id) announce(text, this.onundo);
    else announce(say("cannot_move"));
    return id;
  }

  // A node's index among those of a cell; beyond it, the end.
  toCell(id, stage, lane, index) {
    const { map } = this.store;
    const held = find(map, "node", id);
    const cell = at(map, stage, lane).filter((one) => one.id !== id);
    const to = Math.max(0, Math.min(index, cell.length));
    const isHere = held.stage === stage && held.lane === lane;
    if (isHere && at(map, stage, lane).indexOf(held) === to) return null;
    const words = say("moved", { name: nameOf(held), stage: nameOf(find(map, "stage", stage)), lane: nameOf(find(map, "lane", lane)), place: to + 1, of: cell.length + 1 });
    return this.#said(words, this.store.do("move", "node", id, { value: placed(map, id, stage, lane, to), word: words }));
  }

  // By an arrow: up and down within the cell and over its edge to the next lane, left and right to
  // the next stage.
  byArrow(id, right, down) {
    const { map } = this.store;
    const held = find(map, "node", id);
    const stages = map.stages.map((one) => one.id);
    const lanes = map.lanes.map((one) => one.id);
    if (right) {
      const stage = stages[stages.indexOf(held.stage) + right];
      if (stage === undefined) return this.#said("", null);
      return this.toCell(id, stage, held.lane, at(map, stage, held.lane).length);
    }
    const cell = at(map, held.stage, held.lane);
    const index = cell.indexOf(held) + down;
    if (index >= 0 && index < cell.length) return this.toCell(id, held.stage, held.lane, index);
    const lane = lanes[lanes.indexOf(held.lane) + down];
    if (lane === undefined) return this.#said("", null);
    return this.toCell(id, held.stage, lane, down > 0 ? 0 : at(map, held.stage, lane).length);
  }

  // A stage or a lane, to an index of its list.
  toIndex(part, id, index) {
    const { map } = this.store;
    const list = map[LISTS[part]];
    const held = find(map, part, id);
    const to = Math.max(0, Math.min(index, list.length - 1));
    if (list.indexOf(held) === to) return this.#said("", null);
    const words = say("moved_in_list", { name: nameOf(held), place: to + 1, of: list.length });
    return this.#said(words, this.store.do("move", part, id, { value: ordered(map, part, id, to), word: words }));
  }

  by(part, id, step) {
    const list = this.store.map[LISTS[part]];
    const index = list.findIndex((one) => one.id === id) + step;
    if (index < 0 || index >= list.length) return this.#said("", null);
    return this.toIndex(part, id, index);
  }

  remove(part, id) {
    const held = find(this.store.map, part, id);
    if (!held) return null;
    const words = say("removed", { name: nameOf(held) });
    const done = this.store.do("remove", part, id, { word: words });
    if (done) announce(words, this.onundo);
    else announce(say("not_empty"));
    return done;
  }

  // The id of the new part.
  add(part, text, more = {}) {
    const { map } = this.store;
    const id = idFor(text);
    const made = { id, name: text ? { [begun.reader]: text } : {}, ...more };
    const after = part === "node" ? placed(map, id, more.stage, more.lane, at(map, more.stage, more.lane).length).after : map[LISTS[part]].at(-1)?.id ?? "";
    const words = say("added", { name: text || say("unnamed") });
    if (!this.store.do("add", part, id, { value: { ...made, after }, word: words })) return null;
    announce(words, this.onundo);
    return id;
  }
}
