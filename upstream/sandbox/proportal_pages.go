package sandbox

import "fmt"

// page is one page of a Laravel paginator.
type page struct {
	number int
	size   int
	total  int
	url    string
	// sizeAsText is set where the size came out of the request, which Laravel repeats as text.
	sizeAsText bool
}

// bounds returns the half-open range of the page's items; it is empty beyond the last page.
func (p page) bounds() (from, to int) {
	from = p.total
	if p.number <= p.last() {
		from = (p.number - 1) * p.size
	}
	return from, min(from+p.size, p.total)
}

func (p page) last() int { return max(1, (p.total+p.size-1)/p.size) }

func (p page) link(number int) string { return fmt.Sprintf("%s?page=%d", p.url, number) }

func (p page) next() *string {
	if p.number >= p.last() {
		return nil
	}
	return new(p.link(p.number + 1))
}

func (p page) previous() *string {
	if p.number == 1 {
		return nil
	}
	return new(p.link(p.number - 1))
}

// ordinals numbers the first and the last item from 1; both nil on an empty page.
func (p page) ordinals() (first, last *int) {
	from, to := p.bounds()
	if from == to {
		return nil, nil
	}
	return new(from + 1), &to
}

func (p page) perPage() any {
	if p.sizeAsText {
		return fmt.Sprint(p.size)
	}
	return p.size
}

// flatPage is Laravel's LengthAwarePaginator without "data".
type flatPage struct {
	CurrentPage  int     `json:"current_page"`
	FirstPageURL string  `json:"first_page_url"`
	From         *int    `json:"from"`
	LastPage     int     `json:"last_page"`
	LastPageURL  string  `json:"last_page_url"`
	NextPageURL  *string `json:"next_page_url"`
	Path         string  `json:"path"`
	PerPage      any     `json:"per_page"`
	PrevPageURL  *string `json:"prev_page_url"`
	To           *int    `json:"to"`
	Total        int     `json:"total"`
}

func (p page) flat() flatPage {
	first, last := p.ordinals()
	return flatPage{
		CurrentPage:  p.number,
		FirstPageURL: p.link(1),
		From:         first,
		LastPage:     p.last(),
		LastPageURL:  p.link(p.last()),
		NextPageURL:  p.next(),
		Path:         p.url,
		PerPage:      p.perPage(),
		PrevPageURL:  p.previous(),
		To:           last,
		Total:        p.total,
	}
}

// resourcePage is the paginator of an API resource without "data".
type resourcePage struct {
	Links resourceLinks `json:"links"`
	Meta  resourceMeta  `json:"meta"`
}

type resourceLinks struct {
	First string  `json:"first"`
	Last  string  `json:"last"`
	Prev  *string `json:"prev"`
	Next  *string `json:"next"`
}

type resourceMeta struct {
	CurrentPage int    `json:"current_page"`
	From        *int   `json:"from"`
	LastPage    int    `json:"last_page"`
	Path        string `json:"path"`
	PerPage     any    `json:"per_page"`
	To          *int   `json:"to"`
	Total       int    `json:"total"`
}

func (p page) resource() resourcePage {
	first, last := p.ordinals()
	return resourcePage{
		Links: resourceLinks{First: p.link(1), Last: p.link(p.last()), Prev: p.previous(), Next: p.next()},
		Meta: resourceMeta{
			CurrentPage: p.number,
			From:        first,
			LastPage:    p.last(),
			Path:        p.url,
			PerPage:     p.perPage(),
			To:          last,
			Total:       p.total,
		},
	}
}
