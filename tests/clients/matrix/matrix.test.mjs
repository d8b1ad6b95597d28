// Every official client over every transport: what it is promised, as one table at the end.
//
// INTEROP_URL is the address of the server `interop`, INTEROP its program.

import './connecting.mjs';
import './events.mjs';
import './leaving.mjs';
import './returning.mjs';
