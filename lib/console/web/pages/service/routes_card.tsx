/**
 * How requests come to a service.
 * @module
 */
import type { ServiceView } from "../../../../wire/api.ts";
import { Card } from "../../components/card.tsx";
import { Name } from "../../components/text.tsx";

/** Requests at the controller's own port go to this one. */
const DEFAULT_SERVICE = "payload";

export function RoutesCard({ service: { name, spec } }: { service: ServiceView }) {
  const { routes, tcp } = spec;
  return (
    <Card title="Routes">
      <ul class="plain">
        {name === DEFAULT_SERVICE && (
          <li>
            <Name code text={`${location.host}/`} /> <span class="faint">the controller's own port</span>
          </li>
        )}
        {routes.map((route, index) => (
          <li key={index}>
            <Name code text={`${route.host ?? "*"}${route.path}`} />{" "}
            <span class="faint">{typeof route.balance === "string" ? route.balance : "by a key"}</span>
          </li>
        ))}
        {tcp.map(({ port }) => (
          <li key={port}>
            <Name code text={`tcp ${port}`} />
          </li>
        ))}
      </ul>
      {routes.length + tcp.length === 0 && name !== DEFAULT_SERVICE && (
        <p class="faint">
          It is reached by other services alone. With <code>routes</code> in its spec it gets a host and a path.
        </p>
      )}
    </Card>
  );
}
