/** The package brings no types. What we use of it: a program that records, as a child process. */
declare module "node-record-lpcm16" {
  import type { ChildProcessByStdio } from "node:child_process";
  import type { Readable } from "node:stream";

  type Options = Readonly<{ sampleRate: number; channels: number; audioType: "raw"; recorder: "arecord" | "sox" }>;
  const api: {
    record(options: Options): {
      readonly process: ChildProcessByStdio<null, Readable, Readable>;
      stream(): Readable;
    };
  };
  export = api;
}
