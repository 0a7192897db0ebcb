/** The integer array of a fresh result, as `FreshData`. */
export type FreshIndices = ReturnType<Int32ArrayConstructor['of']>;
