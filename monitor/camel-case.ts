/** Rows as JavaScript programs like them: `cost_micro_usd` as `costMicroUsd`. */

type CamelName<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelName<Rest>>}`
  : Name;

/** The same values under names in camel case, all the way down. */
export type CamelCased<T> = T extends readonly (infer Each)[]
  ? CamelCased<Each>[]
  : T extends object
    ? { [Name in keyof T as CamelName<Name & string>]: CamelCased<T[Name]> }
    : T;

export function camelCased<T>(value: T): CamelCased<T> {
  if (Array.isArray(value)) return value.map((each) => camelCased(each)) as CamelCased<T>;
  if (typeof value !== 'object' || value === null) return value as CamelCased<T>;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      camelCased(each),
    ]),
  ) as CamelCased<T>;
}
