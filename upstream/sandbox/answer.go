package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer is what an emulated endpoint says. It is a value, so that a fault can cut or delay it.
type answer struct {
	status      int
	contentType string
	body        []byte
}

const (
	typeJSON = "application/json"
	typeHTML = "text/html; charset=UTF-8"
	typeText = "text/plain; charset=UTF-8"
)

// jsonBody answers 200 with bytes that are JSON already.
func jsonBody(body []byte) answer {
	return answer{status: http.StatusOK, contentType: typeJSON, body: body}
}

// jsonStatus answers with a value as JSON.
func jsonStatus(status int, value any) answer {
	return answer{status: status, contentType: typeJSON, body: encode(value)}
}

// htmlStatus answers with an error page as Laravel makes it.
func htmlStatus(status int) answer {
	return answer{status: status, contentType: typeHTML, body: laravelPage(status)}
}

// setHeaders writes all headers but the status.
func (a answer) setHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
}

// write sends the answer. A client that has left is no concern of an upstream.
func (a answer) write(w http.ResponseWriter) {
	a.setHeaders(w)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// encode writes one of the sandbox's own values as JSON.
func encode(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("sandbox: encode %T: %v", value, err)) // its own types always encode
	}
	return body
}

// join makes a JSON array of encoded values.
func join(values [][]byte) []byte {
	length := 2
	for _, v := range values {
		length += len(v) + 1
	}
	array := append(make([]byte, 0, length), '[')
	for i, v := range values {
		if i > 0 {
			array = append(array, ',')
		}
		array = append(array, v...)
	}
	return append(array, ']')
}

// wrap makes a JSON object of an encoded value under a name and, if not nil, the fields of rest.
func wrap(name string, value []byte, rest any) []byte {
	object := make([]byte, 0, len(value)+len(name)+64)
	object = append(object, '{', '"')
	object = append(object, name...)
	object = append(object, '"', ':')
	object = append(object, value...)
	if rest == nil {
		return append(object, '}')
	}
	object = append(object, ',')
	return append(object, encode(rest)[1:]...)
}

func laravelPage(status int) []byte {
	return fmt.Appendf(nil, `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>%[2]s</title></head>
<body><div class="flex-center position-ref full-height"><div class="code">%[1]d</div>
<div class="message">Sorry, something is wrong: %[2]s. SQLSTATE[HY000] in /var/www/html/vendor/laravel</div></div></body>
</html>
`, status, http.StatusText(status))
}

// phpErrorPage is what PHP prints into a 200 when an error strikes with display_errors on.
func phpErrorPage() answer {
	return answer{status: http.StatusOK, contentType: typeHTML, body: []byte(`<br />
<b>Fatal error</b>:  Uncaught ErrorException: Trying to get property 'spisok_id' of non-object in /var/www/html/app/Http/Resources/Group.php:27
Stack trace:
#0 /var/www/html/vendor/illuminate/http/Resources/Json/JsonResource.php(115): App\Http\Resources\Group-&gt;toArray(Object(Illuminate\Http\Request))
#1 {main}
  thrown in <b>/var/www/html/app/Http/Resources/Group.php</b> on line <b>27</b><br />
`)}
}

// loginPage is what a single sign-on puts in the place of an answer.
func loginPage() answer {
	return answer{status: http.StatusOK, contentType: typeHTML, body: []byte(`<!DOCTYPE html>
<html><head><title>Вход</title></head><body>
<form method="post" action="/sso/login"><input name="login"><input name="password" type="password"></form>
</body></html>
`)}
}
