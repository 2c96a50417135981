/** A line of a few values without axes; gaps stay gaps. The words are in `label`. */
export function Sparkline(props: {
  values: (number | null)[];
  target?: number;
  label: string;
  width?: number;
  height?: number;
}) {
  const { values, target, width = 96, height = 22 } = props;
  const known = values.filter((v): v is number => v !== null);
  if (known.length === 0) return null;
  const all = target === undefined ? known : [...known, target];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const x = (i: number) => 3 + (i / Math.max(1, values.length - 1)) * (width - 6);
  const y = (v: number) => height - 3 - ((v - low) / span) * (height - 6);
  let path = "";
  values.forEach((v, i) => {
    if (v !== null)
      path += `${i > 0 && values[i - 1] !== null ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
  });
  const last = values.at(-1);
  return (
    <svg width={width} height={height} role="img" aria-label={props.label}>
      {target !== undefined && (
        <line x1={0} x2={width} y1={y(target)} y2={y(target)} stroke="#8d99a4" strokeDasharray="2 3" />
      )}
      <path d={path} fill="none" stroke="#0b6e69" strokeWidth={1.5} />
      {last !== null && last !== undefined && (
        <circle cx={x(values.length - 1)} cy={y(last)} r={2.2} fill="#0b6e69" />
      )}
    </svg>
  );
}
