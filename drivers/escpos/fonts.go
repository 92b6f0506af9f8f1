package escpos

import "os"

// cjkFonts and arabicFonts are where Debian's fonts-noto-cjk, fonts-wqy-*, fonts-ukij-uyghur and fonts-noto-core put
// fonts that hold the characters wanted, the best first.
func cjkFonts() []string {
	return []string{
		"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
		"/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
		"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
		"/usr/share/fonts/opentype/unifont/unifont.otf",
	}
}

func arabicFonts() []string {
	return []string{
		"/usr/share/fonts/truetype/fonts-ukij-uyghur/UKIJEkran.ttf",
		"/usr/share/fonts/truetype/ukij-uyghur/UKIJEkran.ttf",
		"/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf",
		"/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf",
	}
}

func latinFonts() []string {
	return []string{
		"/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
		"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
	}
}

// firstFont opens the first of paths that is there; nil when none is.
func firstFont(paths []string) *os.File {
	for _, p := range paths {
		if f, err := os.Open(p); err == nil { // #nosec G304 -- one of a fixed list of fonts
			return f
		}
	}
	return nil
}
