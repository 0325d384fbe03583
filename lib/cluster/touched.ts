/**
 * What has changed since somebody looked last: the services, nodes and replicas of which people may see something new.
 * `apply` notes them as it keeps its indexes, so that to show a change costs by the change and not by the cluster. Only
 * kept while somebody follows, who takes it away again and again; until then the state has none.
 * @module
 */

export interface Touched {
  services: Set<string>;
  nodes: Set<string>;
  /** By id, with the service of each: one that is gone can't be asked any more whose it was. */
  replicas: Map<string, string>;
}

export function nothingTouched(): Touched {
  return { services: new Set(), nodes: new Set(), replicas: new Map() };
}

export function isTouched({ services, nodes, replicas }: Touched): boolean {
  return services.size > 0 || nodes.size > 0 || replicas.size > 0;
}
