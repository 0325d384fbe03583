/**
 * Fields that differ, what stood there above what stands there now. Signs say it as well as colours.
 * @module
 */
import type { Difference } from "../../../../wire/change.ts";
import { Prose } from "../../components/text.tsx";
import { valueText } from "../../diff.ts";

export function DiffTable({ differences }: { differences: readonly Difference[] }) {
  if (differences.length === 0) return <p class="faint">Nothing differs.</p>;
  return (
    <div class="table-box">
      <table class="diff">
        <tbody>
          {differences.map(({ path, before, after }) => (
            <tr key={path}>
              <td>
                <Prose text={path} />
              </td>
              <td>
                {before !== undefined && before !== null && (
                  <del>
                    <Prose text={valueText(before)} />
                  </del>
                )}
                {after !== undefined && after !== null && (
                  <ins>
                    <Prose text={valueText(after)} />
                  </ins>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
