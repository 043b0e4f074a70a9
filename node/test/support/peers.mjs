// modesl itself and what its test-suite needs, where they are installed: the folder that SWITCHWIRE_NODE_PEERS names
// (`cargo xtask test node` installs them into target/node-peers).
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './index.mjs';

const folder = join(process.env.SWITCHWIRE_NODE_PEERS ?? join(ROOT, 'target', 'node-peers'), 'node_modules');

export const PEERS = existsSync(join(folder, 'modesl')) ? realpathSync(folder) : null;
export const MODESL = PEERS && join(PEERS, 'modesl');
export const OURS = join(ROOT, 'node', 'modesl.js');

/** Options of a test that needs them: skipped visibly where they are missing, unless everything is required. */
export const needsPeers = PEERS === null && process.env.REQUIRE_ALL !== '1'
  ? { skip: 'SKIPPED: modesl is not installed: `cargo xtask test node` installs it, or SWITCHWIRE_NODE_PEERS names a folder that has it' } : {};
