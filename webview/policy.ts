/**
 * What two libraries need to be told so that they keep to the panels' content security policy. Each panel imports this
 * before anything else.
 *
 * zod would try to compile code from text, for speed: it is told not to. The toolkit of the controls tries an empty
 * style element out while it is loaded, to learn whether the browser knows `:focus-visible`, and marks it with the nonce
 * of a `<meta property="csp-nonce">`: it is given the nonce of our own script, which the policy allows for styles too.
 */
import { config } from 'zod';

config({ jitless: true });

const mark = document.createElement('meta');
mark.setAttribute('property', 'csp-nonce');
mark.content = document.currentScript?.nonce ?? '';
document.head.append(mark);

/** Once the toolkit is loaded nothing needs the nonce. */
export function removeStyleNonce(): void {
  mark.remove();
}
