package city

import _ "embed"

//go:embed openapi.json
var description []byte

// openAPI describes the city's API; a test holds it against the routes.
func openAPI() []byte { return description }
