import type { Center } from "../api/identityTypes";

export type Node = { id: string; center: Center; depth: number };

/** Depth first, each below its parent; a center whose parent is out of sight is a root. */
export function asTree(centers: readonly Center[]): Node[] {
  const known = new Set(centers.map(({ id }) => id));
  const children = new Map<string, Center[]>();
  for (const center of centers) {
    const parent = center.parent_id && known.has(center.parent_id) ? center.parent_id : "";
    children.set(parent, [...(children.get(parent) ?? []), center]);
  }
  const walk = (parent: string, depth: number): Node[] =>
    (children.get(parent) ?? []).flatMap((center) => [{ id: center.id, center, depth }, ...walk(center.id, depth + 1)]);
  return walk("", 0);
}

export type Found = Node & { isMatch: boolean };

/** The centers whose name or code holds the text, and, to show where they lie, those above them. */
export function matching(nodes: readonly Node[], text: string): Found[] {
  const wanted = text.trim().toLowerCase();
  const isMatch = ({ center }: Node) => `${center.name} ${center.code}`.toLowerCase().includes(wanted);
  const parentOf = new Map(nodes.map(({ center }) => [center.id, center.parent_id]));
  const kept = new Set<string>();
  for (const { id: found } of nodes.filter(isMatch)) {
    for (let id: string | null | undefined = found; id && !kept.has(id); id = parentOf.get(id)) kept.add(id);
  }
  return nodes.filter(({ id }) => kept.has(id)).map((node) => ({ ...node, isMatch: isMatch(node) }));
}
