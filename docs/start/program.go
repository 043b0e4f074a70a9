// Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
//
// By cgo on libesl: build with CGO_CFLAGS and CGO_LDFLAGS from `pkg-config --cflags --libs libesl`.
package main

// #include <esl.h>
// #include <stdlib.h>
//
// /* esl_connect and esl_send_recv are macros, which cgo does not see. */
// static esl_status_t connect_to(esl_handle_t *h, const char *host, int port, const char *password) {
//     return esl_connect(h, host, (esl_port_t) port, NULL, password);
// }
// static esl_status_t command(esl_handle_t *h, const char *text) { return esl_send_recv(h, text); }
// static const char *header(esl_event_t *e, const char *name) { return esl_event_get_header(e, name); }
import "C"

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"
)

// Connection holds a handle, which the C library wants in memory that does not move.
type Connection struct{ handle *C.esl_handle_t }

// Connect connects and logs in.
func Connect(host string, port int, password string) (*Connection, error) {
	handle := (*C.esl_handle_t)(C.calloc(1, C.sizeof_esl_handle_t))
	cHost, cPassword := C.CString(host), C.CString(password)
	defer C.free(unsafe.Pointer(cHost))
	defer C.free(unsafe.Pointer(cPassword))
	if C.connect_to(handle, cHost, C.int(port), cPassword) != C.ESL_SUCCESS {
		defer C.free(unsafe.Pointer(handle))
		return nil, fmt.Errorf("cannot connect: %s", C.GoString(&handle.err[0]))
	}
	return &Connection{handle}, nil
}

// Close disconnects and frees the handle.
func (c *Connection) Close() {
	C.esl_disconnect(c.handle)
	C.free(unsafe.Pointer(c.handle))
}

// Send sends a command and waits for its reply: the body, or the reply's text.
func (c *Connection) Send(text string) (string, error) {
	cText := C.CString(text)
	defer C.free(unsafe.Pointer(cText))
	if C.command(c.handle, cText) != C.ESL_SUCCESS {
		return "", fmt.Errorf("%s: %s", text, C.GoString(&c.handle.err[0]))
	}
	if body := c.handle.last_sr_event.body; body != nil {
		return C.GoString(body), nil
	}
	return C.GoString(&c.handle.last_sr_reply[0]), nil
}

// Event waits for the next event and gives the values of these headers.
func (c *Connection) Event(names ...string) ([]string, error) {
	for {
		if C.esl_recv_event(c.handle, 1, nil) != C.ESL_SUCCESS {
			return nil, fmt.Errorf("the connection has ended")
		}
		if event := c.handle.last_ievent; event != nil {
			values := make([]string, len(names))
			for i, name := range names {
				cName := C.CString(name)
				values[i] = C.GoString(C.header(event, cName))
				C.free(unsafe.Pointer(cName))
			}
			return values, nil
		}
	}
}

func run(host, port, password string) error {
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	fs, err := Connect(host, number, password)
	if err != nil {
		return err
	}
	defer fs.Close()
	status, err := fs.Send("api status")
	if err != nil {
		return err
	}
	fmt.Println(strings.SplitN(status, "\n", 2)[0])
	for _, command := range []string{
		"event plain CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE",
		"bgapi originate null/test &sleep(100)",
	} {
		if _, err := fs.Send(command); err != nil {
			return err
		}
	}
	for {
		values, err := fs.Event("Event-Name", "Hangup-Cause")
		if err != nil {
			return err
		}
		fmt.Println(values[0])
		if values[0] == "CHANNEL_HANGUP_COMPLETE" {
			fmt.Println("ended:", values[1])
			return nil
		}
	}
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: HOST PORT PASSWORD")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
