package main

import "strconv"

// listPortfolio appends the request for the page that has the first customers.
func (x *exchange) listPortfolio(dst []byte, first int) []byte {
	const usual = 50 // customers on a page
	dst = x.startProPortal(dst, "/portfolio?page=1")
	if first > usual {
		dst = strconv.AppendInt(append(dst, "&perPage="...), int64(first), 10)
	}
	return x.endProPortal(dst)
}

// listTasks appends the request for the tasks of a status.
func (x *exchange) listTasks(dst []byte, status string) []byte {
	return x.endProPortal(append(x.startProPortal(dst, "/tasks?status="), status...))
}

func (x *exchange) startProPortal(dst []byte, path string) []byte {
	return append(append(append(dst, "GET "...), x.crms.proPortal.path...), path...)
}

// endProPortal passes the viewer's token on.
func (x *exchange) endProPortal(dst []byte) []byte {
	dst = append(append(dst, x.crms.proPortal.headers...), "Authorization: "...)
	return append(append(dst, x.token...), "\r\n\r\n"...)
}

// filterProjects appends the request for the projects of customers.
func (x *exchange) filterProjects(dst []byte, customers []customer) []byte {
	x.filter = append(x.filter[:0], `{"count":1000,"offset":0,"order_by":"id","reverse":"0","deleted":"0","condition":"and","data":{"client_id":[`...)
	for i := range customers {
		if i > 0 {
			x.filter = append(x.filter, ',')
		}
		x.filter = strconv.AppendInt(x.filter, customers[i].ID.int(), 10)
	}
	x.filter = append(x.filter, "]}}"...)

	dst = append(append(append(dst, "POST "...), x.crms.solos.path...), "/projects/filter"...)
	dst = append(append(dst, x.crms.solos.headers...), "Content-Type: application/json\r\nContent-Length: "...)
	dst = append(strconv.AppendInt(dst, int64(len(x.filter)), 10), "\r\n\r\n"...)
	return append(dst, x.filter...)
}

// get appends a request to solOS.
func (x *exchange) get(dst []byte, path string) []byte {
	dst = append(append(append(dst, "GET "...), x.crms.solos.path...), path...)
	return append(append(dst, x.crms.solos.headers...), "\r\n"...)
}

// getPart appends a request to solOS about one project.
func (x *exchange) getPart(dst []byte, path string, project int64, rest string) []byte {
	dst = append(append(append(dst, "GET "...), x.crms.solos.path...), path...)
	dst = append(strconv.AppendInt(dst, project, 10), rest...)
	return append(append(dst, x.crms.solos.headers...), "\r\n"...)
}
