/** Branded numbers, so that tokens, floating-point operations and seconds cannot be mixed up. */
declare const unit: unique symbol;
type Quantity<Name extends string> = number & { readonly [unit]: Name };

export type Tokens = Quantity<'tokens'>;
export type Flops = Quantity<'flops'>;
export type Seconds = Quantity<'seconds'>;

export const tokens = (value: number): Tokens => value as Tokens;
export const flops = (value: number): Flops => value as Flops;
export const seconds = (value: number): Seconds => value as Seconds;
