/** Rows of a list of pairs, of those that have a value. */
export function PairRows({ rows }: { rows: readonly (readonly [string, string | null | undefined])[] }) {
  return rows.map(([label, value]) =>
    value ? (
      <div key={label}>
        <dt>{label}</dt>
        <dd>{value}</dd>
      </div>
    ) : null,
  );
}
