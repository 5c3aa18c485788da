import { readdirSync, readFileSync } from 'node:fs';

/** Linux tells times in these, whatever its clock does inside. */
const TICKS_PER_SECOND = 100;
const IS_LINUX = process.platform === 'linux';

/** CPU that a process, with all its threads, used so far. null: this system does not tell. @param {number} pid */
export function cpuSecondsOf(pid) {
  if (!IS_LINUX) return null;
  const { user, system } = readStat(pid);
  return (user + system) / TICKS_PER_SECOND;
}

/** The same for a process, its children that run, and those that ended. @param {number} pid */
export function cpuSecondsOfFamily(pid) {
  if (!IS_LINUX) return null;
  const parent = readStat(pid);
  let ticks = parent.user + parent.system + parent.childrenUser + parent.childrenSystem;
  for (const name of readdirSync('/proc')) {
    const child = /^\d+$/.test(name) ? readStatIfThere(Number(name)) : undefined;
    if (child?.parent === pid) ticks += child.user + child.system;
  }
  return ticks / TICKS_PER_SECOND;
}

/** CPU that all programs on this machine used so far, or that another machine took. null: this system does not tell. */
export function cpuSecondsOfMachine() {
  if (!IS_LINUX) return null;
  const [total] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user, nice, system, , , irq, softIrq, steal] = total.split(/ +/).slice(1).map(Number);
  return (user + nice + system + irq + softIrq + steal) / TICKS_PER_SECOND;
}

/** Memory that a process has in RAM now. null: this system does not tell. @param {number} pid */
export function residentMb(pid) {
  if (!IS_LINUX) return null;
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** @param {number} pid */
function readStat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before it may hold spaces. The fields after it are from the third on, see proc(5).
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15);
  return { parent: fields[1], user, system, childrenUser, childrenSystem };
}

/** @param {number} pid */
function readStatIfThere(pid) {
  try {
    return readStat(pid);
  } catch {
    return undefined;
  }
}
