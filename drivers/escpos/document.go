package escpos

import "strings"

// Document is one receipt: the commands up to and with its cut.
type Document struct {
	Ops []Op
}

// Text is the receipt's text, one line a line, without what rasters and codes show.
func (d Document) Text() string {
	var b strings.Builder
	for _, op := range d.Ops {
		switch o := op.(type) {
		case Text:
			b.WriteString(o.S)
		case NewLine:
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// QRCodes are the contents of the QR codes printed.
func (d Document) QRCodes() []string {
	var all []string
	stored := ""
	for _, op := range d.Ops {
		switch o := op.(type) {
		case QRStore:
			stored = o.Data
		case QRPrint:
			all = append(all, stored)
		}
	}
	return all
}

// Barcodes are the contents of the Code 128 barcodes.
func (d Document) Barcodes() []string {
	var all []string
	for _, op := range d.Ops {
		if o, ok := op.(Code128); ok {
			all = append(all, o.Data)
		}
	}
	return all
}

// Rasters are the pictures.
func (d Document) Rasters() []Raster {
	var all []Raster
	for _, op := range d.Ops {
		if o, ok := op.(Raster); ok {
			all = append(all, o)
		}
	}
	return all
}

// Cut reports whether the receipt was cut off.
func (d Document) Cut() bool {
	for _, op := range d.Ops {
		if _, ok := op.(Cut); ok {
			return true
		}
	}
	return false
}
