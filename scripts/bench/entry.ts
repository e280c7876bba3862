import type { ParseArgsOptionsConfig } from "node:util";
import * as v from "valibot";
import { type Bench, print } from "./report.ts";

/** An option of one benchmark: always a text or a flag, as `parseArgs` hands it over, until its schema has read it. */
export type Option = Readonly<{
  /** What stands for its value in the help, "N"; a flag has none. */
  value?: string;
  help: string;
  schema: v.GenericSchema<unknown, unknown>;
}>;
type Options = Readonly<Record<string, Option>>;
type Values<O extends Options> = Readonly<{ [name in keyof O]: v.InferOutput<O[name]["schema"]> }>;

/** One benchmark: a line of the table in `main.ts`. */
export type Entry = Readonly<{
  /** For the list in the help: a line, or several. */
  summary: string;
  options: Options;
  /** What `all --quick` hands it; by default nothing. Null: `all --quick` leaves it out. */
  quick?: readonly string[] | null;
  /** True where it passed. Faults of `values` are told before anything runs. */
  read(values: Readonly<Record<string, unknown>>): Read;
}>;
export type Read =
  | Readonly<{ ok: true; run: (json: boolean) => Promise<boolean> }>
  | Readonly<{ ok: false; faults: string }>;

/** `run` gives figures to print, or prints by itself and says whether it passed. */
export function entry<const O extends Options>(
  made: Pick<Entry, "summary" | "quick"> &
    Readonly<{ options: O; run: (values: Values<O>, json: boolean) => Promise<Bench | boolean> }>,
): Entry {
  const { run, ...described } = made;
  const { options } = described;
  const schemas = Object.fromEntries(Object.entries(options).map(([name, { schema }]) => [name, schema]));
  const schema = v.object(schemas);
  return {
    ...described,
    read: (values) => {
      const parsed = v.safeParse(schema, values);
      if (!parsed.success) {
        const faults = parsed.issues.map((issue) => `--${v.getDotPath(issue) ?? ""}: ${issue.message}\n`).join("");
        return { ok: false, faults };
      }
      return {
        ok: true,
        run: async (json) => {
          // The one place where names and schemas meet: `schema` was made of `options`.
          const outcome = await run(parsed.output as Values<O>, json);
          if (typeof outcome === "boolean") return outcome;
          // A missed budget is told, not punished: the machine may have been busy.
          print(outcome, json);
          return outcome.passed ?? true;
        },
      };
    },
  };
}

/** A whole number from `least` to `most`; `otherwise` where it is not given. */
export function natural(
  least: number,
  most: number,
  otherwise: number,
): Option["schema"] & v.GenericSchema<unknown, number> {
  return v.optional(
    v.pipe(v.string(), v.transform(Number), v.integer("not a whole number"), v.minValue(least), v.maxValue(most)),
    String(otherwise),
  ) as v.GenericSchema<unknown, number>;
}

export const flag = v.optional(v.boolean(), false) as v.GenericSchema<unknown, boolean>;

/** What `parseArgs` is told of them. */
export function argumentsOf(options: Options): ParseArgsOptionsConfig {
  return Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [name, { type: value === undefined ? "boolean" : "string" }]),
  );
}
