/** A `Date` that follows the cloud's time, for the processes that the cloud runs. `performance.now()` and timers keep real time. */
const machineNow = Date.now;
let offsetMs = 0;

const now = () => machineNow() + offsetMs;

const shiftDate = (milliseconds: number) => {
  offsetMs = milliseconds;
};

const installShiftedDate = () => {
  const NativeDate = Date;
  NativeDate.now = now;
  const ShiftedDate = new Proxy(NativeDate, {
    apply: () => new NativeDate(now()).toString(),
    construct: (target, parameters, newTarget) => Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget),
  });
  NativeDate.prototype.constructor = ShiftedDate;
  globalThis.Date = ShiftedDate;
};

export { installShiftedDate, shiftDate };
