import { assertEquals } from "@std/assert";
import {
  filesFolder,
  makeOwnFolder,
  removeFiles,
  removeStrayFiles,
  slotFolder,
  writeFiles,
} from "../../../lib/agent/process/own_folders.ts";
import { granted } from "../../support/granted.ts";

function test(name: string, check: (dataFolder: string) => void): void {
  Deno.test({
    name,
    ignore: !granted || Deno.build.os === "windows",
    fn: () => {
      const dataFolder = Deno.makeTempDirSync();
      try {
        check(dataFolder);
      } finally {
        Deno.removeSync(dataFolder, { recursive: true });
      }
    },
  });
}

const modeOf = (path: string) => ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);

test("makeOwnFolder() makes a slot's folder for nobody else, and keeps what is in it", (dataFolder) => {
  const folder = slotFolder(dataFolder, { service: "db", slot: 3 });
  assertEquals(folder, `${dataFolder}/slots/db.3`);
  makeOwnFolder(folder);
  assertEquals(modeOf(folder), "700");
  Deno.writeTextFileSync(`${folder}/a`, "kept");
  Deno.chmodSync(folder, 0o755);
  makeOwnFolder(folder);
  assertEquals([modeOf(folder), Deno.readTextFileSync(`${folder}/a`)], ["700", "kept"]);
});

test("writeFiles() writes for nobody else, and leaves nothing of former starts", (dataFolder) => {
  const folder = filesFolder(dataFolder, "r1");
  writeFiles(dataFolder, "r1", new Map([["old.conf", "1"], ["app.conf", "1"]]));
  // What the process has put there is no way out of the folder.
  Deno.removeSync(`${folder}/app.conf`);
  Deno.writeTextFileSync(`${dataFolder}/other`, "untouched");
  Deno.symlinkSync(`${dataFolder}/other`, `${folder}/app.conf`);
  writeFiles(dataFolder, "r1", new Map([["app.conf", "2"]]));
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["app.conf"]);
  assertEquals(Deno.readTextFileSync(`${folder}/app.conf`), "2");
  assertEquals(Deno.readTextFileSync(`${dataFolder}/other`), "untouched");
  assertEquals([modeOf(folder), modeOf(`${folder}/app.conf`)], ["700", "600"]);
});

test("removeFiles() and removeStrayFiles() remove what is of replicas that are gone, and nothing else", (dataFolder) => {
  removeStrayFiles(dataFolder, () => false);
  removeFiles(dataFolder, "r1");
  for (const replica of ["r1", "r2", "r3"]) writeFiles(dataFolder, replica, new Map([["a", ""]]));
  removeFiles(dataFolder, "r1");
  removeStrayFiles(dataFolder, (replica) => replica === "r3");
  assertEquals([...Deno.readDirSync(`${dataFolder}/files`)].map(({ name }) => name), ["r3"]);
});
