# The chapters, in the order in which they are read.
set(COURSE_CHAPTERS
    01-blocking-echo
    05-compression
)
