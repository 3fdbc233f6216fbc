import { ChevronIcon } from "./icons";

type Props = {
  column: string;
  label: string;
  order: { column: string; isDescending: boolean };
  onTurn: () => void;
};

/** The head of a column that orders the table. */
export function SortHeading({ column, label, order, onTurn }: Props) {
  const isOrdering = order.column === column;
  return (
    <th
      scope="col"
      aria-sort={isOrdering ? (order.isDescending ? "descending" : "ascending") : "none"}
      data-column={column}
    >
      <button type="button" className="sort-button" onClick={onTurn} data-testid={`sort-${column}`}>
        {label}
        {isOrdering ? <ChevronIcon /> : null}
      </button>
    </th>
  );
}
