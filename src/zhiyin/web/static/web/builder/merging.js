// What two people did to one document. Parts of a list are told apart by name or value, not by
// place, so that a question that somebody moved is still the question that somebody else worded.

import { same } from "./store.js";

const isPlain = (one) => one !== null && typeof one === "object" && !Array.isArray(one);
const nameOf = (one) => (isPlain(one) ? one.name ?? one.value : undefined);
const isNamed = (list) =>
  Array.isArray(list) && list.every((one) => nameOf(one) !== undefined) &&
  new Set(list.map(nameOf)).size === list.length;

// {document, both}: theirs with what I changed since `base`; `both` lists where both changed it.
export function merged(base, theirs, mine) {
  const both = [];
  return { document: join(base, theirs, mine, "", both), both };
}

function join(base, theirs, mine, at, both) {
  if (same(mine, base)) return theirs;
  if (same(theirs, base) || same(theirs, mine)) return mine;
  if (isPlain(theirs) && isPlain(mine)) {
    const old = isPlain(base) ? base : {};
    const found = {};
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
      const value = join(old[key], theirs[key], mine[key], `${at}/${key}`, both);
      if (value !== undefined) found[key] = value;
    }
    return found;
  }
  if (isNamed(theirs) && isNamed(mine) && (base === undefined || isNamed(base))) {
    return joinLists(base ?? [], theirs, mine, at, both);
  }
  both.push({ place: at, theirs, mine });
  return mine;
}

function joinLists(base, theirs, mine, at, both) {
  const of = (list) => new Map(list.map((one) => [nameOf(one), one]));
  const [old, others, own] = [of(base), of(theirs), of(mine)];
  // My order, if I changed it; what they alone have stands behind what it stood behind.
  const order = same(mine.map(nameOf), base.map(nameOf)) ? theirs : mine;
  const names = order.map(nameOf);
  for (const list of [theirs, mine]) {
    list.forEach((one, index) => {
      if (names.includes(nameOf(one))) return;
      const before = index ? names.indexOf(nameOf(list[index - 1])) : -1;
      names.splice(before + 1, 0, nameOf(one));
    });
  }
  const found = [];
  for (const name of names) {
    const [was, their, my] = [old.get(name), others.get(name), own.get(name)];
    const place = `${at}/${name}`;
    if (their !== undefined && my !== undefined) found.push(join(was, their, my, place, both));
    // One took it out, and the other changed it: it stays.
    else if (my === undefined && (was === undefined || !same(their, was))) {
      if (was !== undefined) both.push({ place, theirs: their, mine: undefined });
      found.push(their);
    } else if (their === undefined && (was === undefined || !same(my, was))) {
      if (was !== undefined) both.push({ place, theirs: undefined, mine: my });
      found.push(my);
    }
  }
  return found;
}

// [{place, before, after}] of everything that is otherwise, in words of places.
export function differences(before, after, at = "") {
  if (same(before, after)) return [];
  if (isPlain(before) && isPlain(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], `${at}/${key}`));
  }
  if (isNamed(before) && isNamed(after) && before.length + after.length) {
    const [old, now] = [before, after].map((list) => new Map(list.map((one) => [nameOf(one), one])));
    const names = new Set([...old.keys(), ...now.keys()]);
    const found = [...names].flatMap((name) => differences(old.get(name), now.get(name), `${at}/${name}`));
    const isMoved = !found.length;
    return isMoved ? [{ place: at, before: [...old.keys()], after: [...now.keys()] }] : found;
  }
  return [{ place: at, before, after }];
}
