/**
 * What was declared of a service: the gist of it, and all of it with what was left out.
 * @module
 */
import type { ServiceView } from "../../../../wire/api.ts";
import { Card, Fact, Facts } from "../../components/card.tsx";
import { Name, Prose } from "../../components/text.tsx";
import { mebibytes } from "../../format.ts";
import { specText } from "../../spec_text.ts";

export function SpecCard({ spec }: { spec: ServiceView["spec"] }) {
  const { command, resources, update, health } = spec;
  return (
    <Card title="Spec">
      <div class="stack tight">
        <Facts>
          <Fact term="Command">
            <Name code text={command.join(" ")} />
          </Fact>
          <Fact term="Reserved for each">
            {resources.cpu === 0 && resources.memory === 0
              ? "nothing"
              : `${resources.cpu} cores, ${mebibytes(resources.memory)}`}
          </Fact>
          <Fact term="Update">{update.strategy === "rolling" ? "replica by replica" : "blue and green"}</Fact>
          <Fact term="Health">{health === undefined ? "the process runs" : "checked"}</Fact>
        </Facts>
        <pre class="whole"><Prose text={specText(spec)} /></pre>
      </div>
    </Card>
  );
}
