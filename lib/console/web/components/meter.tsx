/**
 * How much of something a node has is reserved, and how much is used: two bars over each other, so that one sees whether
 * what was set aside is needed. What a host can't measure is left out and never taken for 0.
 * @module
 */

interface MeterProps {
  label: string;
  capacity: number;
  reserved: number;
  /** Null where it can't be measured, undefined until it was. */
  used: number | null | undefined;
  format: (amount: number) => string;
}

export function Meter({ label, capacity, reserved, used, format }: MeterProps) {
  const share = (amount: number) => `${capacity > 0 ? Math.min(100, 100 * amount / capacity) : 0}%`;
  const measured = used === null || used === undefined ? "" : `, ${format(used)} used`;
  const text = `${label}: ${format(reserved)} of ${format(capacity)} reserved${measured}`;
  return (
    <span class="meter" role="img" aria-label={text} title={text}>
      <span class="track">
        <i class="reserved" style={{ width: share(reserved) }} />
        {used !== null && used !== undefined && (
          <i class={used > capacity * 0.9 ? "used high" : "used"} style={{ width: share(used) }} />
        )}
      </span>
      <span class="figures">
        {used === null || used === undefined ? <span class="faint">–</span> : format(used)}
        <span class="faint">{` / ${format(capacity)}`}</span>
      </span>
    </span>
  );
}
