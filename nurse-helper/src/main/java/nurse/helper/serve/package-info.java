/**
 * Serving clients: the native {@code nurse} says over a UNIX socket what is to be run, and becomes it. Here is who may ask
 * ({@link nurse.helper.serve.Likeness}) and how a client becomes the program ({@link nurse.helper.serve.Client}); the
 * command line's {@code serve} has the socket and the threads.
 */
package nurse.helper.serve;
