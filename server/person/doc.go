// Package person checks the numbers people identify themselves with, masks them for the eyes that need no more, and
// turns them into pseudonyms, the only form in which a hall keeps them.
//
// The kiosk's manual entry and the API call [Parse]; the API makes a pseudonym with [Key.Pseudonym] and drops the
// number. The package owns no goroutine and reads no clock; [LoadOrCreateKey] is its only touch with the disk.
//
// Rules: GB 11643 (numbers of 18), GB 32100 (unified social credit code), the published forms of the residence
// permits, passes and permanent-residence cards; the least that the Personal Information Protection Law (个人信息保护法)
// lets a hall keep.
package person
