/**
 * An attribute whose set of values is closed or capped: fit for a metric. (T10)
 * A value outside a closed set, or beyond the cap, is recorded as `_OTHER`.
 */
export interface Label<Name extends string = string, Value extends string = string> {
  readonly kind: 'label';
  readonly name: Name;
  readonly means: string;
  /** The closed set; undefined for a capped one. */
  readonly values: readonly Value[] | undefined;
  /** Most distinct values one process puts on a metric. */
  readonly atMost: number;
  /** When a series goes without it. Undefined: it is always there, `unknown` if need be. */
  readonly absentWhen: string | undefined;
}

/** An attribute with an open set of values, such as an id: on spans and logs, never on a metric. (T10) */
export interface Key<Name extends string = string, Type extends KeyType = KeyType> {
  readonly kind: 'key';
  readonly name: Name;
  readonly means: string;
  readonly type: Type;
  /** What must be switched on, or happen, before anything carries it. Undefined: the fleet's own work is enough. */
  readonly needs: string | undefined;
}

export type Attribute = Label | Key;

export type KeyType = 'string' | 'int' | 'double' | 'boolean' | 'string[]';

interface Limits {
  atMost: number;
  absentWhen?: string;
}

/** A bounded attribute: by its values, or by how many there may be. */
export function label<const Name extends string, const Value extends string>(
  name: Name,
  means: string,
  values: readonly Value[],
): Label<Name, Value>;
export function label<const Name extends string>(name: Name, means: string, limits: Limits): Label<Name, string>;
export function label(name: string, means: string, bound: readonly string[] | Limits): Label {
  if ('atMost' in bound) {
    return { kind: 'label', name, means, values: undefined, atMost: bound.atMost, absentWhen: bound.absentWhen };
  }
  return { kind: 'label', name, means, values: bound, atMost: bound.length + 1, absentWhen: undefined };
}

/** An unbounded attribute, of one type. */
export function key<const Name extends string, const Type extends KeyType>(
  name: Name,
  type: Type,
  means: string,
  needs?: string,
): Key<Name, Type> {
  return { kind: 'key', name, means, type, needs };
}

interface KeyValues {
  string: string;
  int: number;
  double: number;
  boolean: boolean;
  'string[]': readonly string[];
}

/** The type of an attribute's value. */
export type ValueOf<A extends Attribute> =
  A extends Label<string, infer Value> ? Value : A extends Key<string, infer Type> ? KeyValues[Type] : never;

/** Values by attribute name, for a list of attributes: an undeclared name does not compile. */
export type Values<List extends readonly Attribute[]> = {
  readonly [A in List[number] as A['name']]?: ValueOf<A> | undefined;
};
