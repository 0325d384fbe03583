/**
 * What a program finds around it, as an operator declares it in the spec: ports beside the main one, files that are
 * written for it, a folder that stays with its slot, the folder that it begins in. `service.ts` puts these schemas into
 * the spec; placement and agents ask the functions here what follows from them.
 * @module
 */
import * as z from "zod";
import { isExclusive } from "./isolation.ts";

/** What the main port is called where ports have names. */
export const MAIN_PORT = "main";
const PORT_MAX = 65_535;
const PORT_RULE = `a port from 1 to ${PORT_MAX}, or 0 for one that is chosen`;
const PORTS_MAX = 32;
const FILES_MAX = 32;
const PATH_MAX = 4_096;
const TEMPLATE_MAX = 65_536;
/** Of all templates together: every order for a replica carries them. */
const TEMPLATES_MAX = 131_072;

const PORT_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** A folder by its absolute path, as Unix or Windows writes it, or by the one that leads to it within the artifact. */
export const WorkingFolder = z.string().max(PATH_MAX).regex(
  /^(\/|[A-Za-z]:[\\/])[^\0]*$|^(?!(?:.*\/)?\.{1,2}(?:\/|$))[^\0\\/:]+(?:\/[^\0\\/:]+)*$/,
  { message: 'an absolute path, such as "/srv/web", or one within the artifact, such as "server"' },
);

/** Whether a working folder is one within the artifact. */
export function isWithinArtifact(cwd: string): boolean {
  return !/^(\/|[A-Za-z]:[\\/])/.test(cwd);
}

/** `{metrics: 0, pg: {port: 5432, expose: node}}`; a number alone is short for `{port: <number>}`. */
export function portsSchema(object: typeof z.object) {
  const port = object({
    /** 0: chosen by the agent. */
    port: z.int({ error: PORT_RULE }).min(0, { error: PORT_RULE }).max(PORT_MAX, { error: PORT_RULE }).prefault(0),
    /** Listens on the node's address, for other hosts; else on loopback. */
    expose: z.enum(["node"]).optional(),
  });
  return z.record(z.string(), z.preprocess((given) => typeof given === "number" ? { port: given } : given, port))
    .superRefine((ports, context) => {
      const names = Object.keys(ports);
      for (const name of names) {
        if (!PORT_NAME.test(name)) refuse(context, name, "a port's name is 1 to 32 of a-z, 0-9 and '-'");
        else if (name === MAIN_PORT) {
          refuse(context, name, "that is what the port in PORT is called; choose another name");
        }
      }
      const fixed = names.map((name) => ports[name]?.port ?? 0).filter((number) => number !== 0);
      if (new Set(fixed).size < fixed.length) refuse(context, undefined, "two names have the same port");
      if (names.length > PORTS_MAX) refuse(context, undefined, `at most ${PORTS_MAX} ports`);
    });
}

/** `{app.conf: {template: "listen ${PORT}"}}` */
export function filesSchema(object: typeof z.object) {
  const template = z.string().max(TEMPLATE_MAX, { message: `at most ${TEMPLATE_MAX} characters` });
  return z.record(z.string(), object({ template })).superRefine((files, context) => {
    for (const name of Object.keys(files)) {
      if (FILE_NAME.test(name)) continue;
      refuse(
        context,
        name,
        "a file's name is 1 to 128 of letters, digits, '.', '_' and '-', and starts with none of '.-'",
      );
    }
    if (Object.keys(files).length > FILES_MAX) refuse(context, undefined, `at most ${FILES_MAX} files`);
    const length = Object.values(files).reduce((sum, file) => sum + file.template.length, 0);
    if (length > TEMPLATES_MAX) refuse(context, undefined, `at most ${TEMPLATES_MAX} characters in all files together`);
  });
}

/** `{per_slot: true}`: a folder that stays with the slot. */
export function dataSchema(object: typeof z.object) {
  return object({ per_slot: z.boolean().prefault(false) });
}

interface Surroundings {
  ports: Readonly<Record<string, { port: number }>>;
  data: { per_slot: boolean };
  on_isolation?: { stop_after: string } | undefined;
}

/** The variable that names a port to its process. */
export function portVariable(name: string): string {
  return `PORT_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Whether its replicas have a port of that name. */
export function hasPort({ ports }: { ports: Readonly<Record<string, unknown>> }, name: string): boolean {
  return name === MAIN_PORT || Object.hasOwn(ports, name);
}

/** The names of its replicas' ports, for messages. */
export function portNames({ ports }: { ports: Readonly<Record<string, unknown>> }): string {
  return [MAIN_PORT, ...Object.keys(ports)].map((each) => `"${each}"`).join(", ");
}

/** Whether a slot belongs to the node where its data is. */
export function keepsData(spec: Surroundings): boolean {
  return spec.data.per_slot;
}

/** The first port of a spec that is the same on every node: one node can carry one such replica. */
export function fixedPortOf(spec: Surroundings): number | undefined {
  return Object.values(spec.ports).find(({ port }) => port !== 0)?.port;
}

/** Whether two replicas of one slot would be in each other's way, so that one ends before the other begins. */
export function takesTurns(spec: Surroundings): boolean {
  return keepsData(spec) || fixedPortOf(spec) !== undefined || isExclusive(spec);
}

function refuse(context: z.RefinementCtx, name: string | undefined, message: string): void {
  context.addIssue({ code: "custom", message, path: name === undefined ? [] : [name] });
}
