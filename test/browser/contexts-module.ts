/** No classic script may say this: where it registers, service workers may be modules. */
import.meta.url;
