# The only build logic of the course. A chapter's CMakeLists.txt includes this file and says
# what it has: course_library, course_program, course_experiment, course_tests, course_exercise.

include_guard(GLOBAL)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH COURSE_COMMON)
cmake_path(GET COURSE_COMMON PARENT_PATH COURSE_ROOT)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

option(COURSE_TESTS "Build the tests" ON)
# The presets share the work: dev has no experiments, which a sanitizer would falsify, and release no
# GoogleTests, which dev runs under the sanitizers. Whoever configures by hand gets both.
option(COURSE_EXPERIMENTS "Build the experiments" ON)
option(COURSE_UNIT_TESTS "Build the GoogleTests" ON)
set(COURSE_TEST_TIMEOUT 120 CACHE STRING "Seconds after which a test is ended")

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # A precompiled header is found by ccache only when it may overlook the time stamps in it; with paths from
    # the root one build's objects serve another; and the header's 150 MB are read once, not for each file.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${COURSE_ROOT} CCACHE_INODECACHE=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(benchmark REQUIRED)
if(COURSE_TESTS)
    enable_testing()
    find_package(GTest REQUIRED)
    include(GoogleTest)
endif()

# Our own code is compiled with these; the libraries of others are not.
add_library(course_warnings INTERFACE)
target_compile_options(course_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion)

function(course_common directory)
    add_subdirectory(${COURSE_COMMON}/${directory} ${CMAKE_BINARY_DIR}/common/${directory})
endfunction()

# What only uses the lessons' code: of UBSan's checks the two at each use of a pointer are left out. They are
# a fifth of the time that a compiler takes, and the libraries have them.
set(COURSE_FEWER_CHECKS "")
if(CMAKE_CXX_FLAGS MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    set(COURSE_FEWER_CHECKS -fno-sanitize=null,alignment)
endif()
if(DEFINED ENV{COURSE_CI} AND CMAKE_BUILD_TYPE STREQUAL Debug) # lines for a report; nobody asks for variables
    add_compile_options(-g1)
endif()

# A target of ours: the warnings, and the precompiled header that all share.
function(course_target target)
    target_link_libraries(${target} PRIVATE course_warnings)
    target_link_libraries(${target} PUBLIC course::asio)
    target_precompile_headers(${target} REUSE_FROM course_asio)
endfunction()

# A program of tests: the same with GoogleTest, in the precompiled header too.
function(course_test_target target)
    target_compile_options(${target} PRIVATE ${COURSE_FEWER_CHECKS})
    target_link_libraries(${target} PRIVATE course_warnings course::testing)
    target_precompile_headers(${target} REUSE_FROM course_testing)
endfunction()

# The name of the chapter is its folder's without the number: 01-blocking-echo is blocking-echo.
# Numbers stand in folder names alone, so that a chapter can move.
macro(course_chapter)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME CHAPTER_FOLDER)
    string(REGEX REPLACE "^[0-9]+-" "" CHAPTER ${CHAPTER_FOLDER})
    set(CHAPTER_BIN ${CMAKE_BINARY_DIR}/bin/${CHAPTER_FOLDER})
    add_custom_target(${CHAPTER})
    add_custom_target(${CHAPTER}-tests)
    add_dependencies(${CHAPTER}-tests ${CHAPTER})
endmacro()

# The lesson's code, as a library that later chapters link.
function(course_library)
    add_library(${CHAPTER}-lib STATIC ${ARGN})
    add_library(course::${CHAPTER} ALIAS ${CHAPTER}-lib)
    course_target(${CHAPTER}-lib)
    # An include says where its file lies: beside it, below its chapter, or below the root.
    target_include_directories(${CHAPTER}-lib PUBLIC ${CMAKE_CURRENT_SOURCE_DIR} ${COURSE_ROOT})
endfunction()

# More of a chapter's code that some of its programs, its experiment and its tests share, and that no later
# chapter needs: course_part(harness FILE...) is linked by course_link(harness TARGET...), short names of both.
function(course_part name)
    if(COURSE_LIBRARY_ONLY)
        return()
    endif()
    add_library(${CHAPTER}-${name} STATIC EXCLUDE_FROM_ALL ${ARGN})
    course_target(${CHAPTER}-${name})
    target_link_libraries(${CHAPTER}-${name} PUBLIC ${CHAPTER}-lib)
endfunction()

# Links a library into those of the chapter's targets that are built here: course_link(LIBRARY sender gtest).
function(course_link library)
    foreach(name IN LISTS ARGN)
        if(TARGET ${CHAPTER}-${name})
            target_link_libraries(${CHAPTER}-${name} PUBLIC ${library})
        endif()
    endforeach()
endfunction()

# Links the library of an earlier chapter into this one's; configures that chapter when it is not there yet,
# its library alone.
function(course_uses name)
    if(NOT TARGET ${name}-lib)
        include(${COURSE_ROOT}/chapters/chapters.cmake)
        set(folders ${COURSE_CHAPTERS})
        list(FILTER folders INCLUDE REGEX "^[0-9]+-${name}$")
        set(COURSE_LIBRARY_ONLY ON)
        add_subdirectory(${COURSE_ROOT}/chapters/${folders} ${CMAKE_BINARY_DIR}/chapters/${folders})
    endif()
    target_link_libraries(${CHAPTER}-lib PUBLIC course::${name})
endfunction()

# One program, whose main is programs/NAME.cpp; further files of that folder may follow.
function(course_program name)
    if(COURSE_LIBRARY_ONLY)
        return()
    endif()
    list(TRANSFORM ARGN PREPEND programs/)
    course_executable(${name} programs/${name}.cpp ${ARGN})
endfunction()

function(course_executable name)
    set(target ${CHAPTER}-${name})
    add_executable(${target} ${ARGN})
    course_target(${target})
    target_compile_options(${target} PRIVATE ${COURSE_FEWER_CHECKS})
    target_link_libraries(${target} PRIVATE ${CHAPTER}-lib course::program)
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CHAPTER_BIN})
    add_dependencies(${CHAPTER} ${target})
endfunction()

# What the chapter measures: experiment/experiment.cpp and further files of that folder, and a short run of it
# as a test.
function(course_experiment)
    if(COURSE_LIBRARY_ONLY OR NOT COURSE_EXPERIMENTS)
        return()
    endif()
    list(TRANSFORM ARGN PREPEND experiment/)
    course_executable(experiment experiment/experiment.cpp ${ARGN})
    target_link_libraries(${CHAPTER}-experiment PRIVATE course::measure)
    target_compile_definitions(${CHAPTER}-experiment PRIVATE
        COURSE_CHAPTER_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
    if(COURSE_TESTS)
        add_test(NAME ${CHAPTER}.experiment.smoke COMMAND ${CHAPTER}-experiment --smoke)
        set_tests_properties(${CHAPTER}.experiment.smoke PROPERTIES
            LABELS ${CHAPTER} TIMEOUT ${COURSE_TEST_TIMEOUT} RESOURCE_LOCK experiment)
    endif()
endfunction()

# A file of GoogleTests, tests/NAME.cpp; all of a chapter's go into one program, which links once.
function(course_tests)
    if(COURSE_LIBRARY_ONLY OR NOT COURSE_TESTS OR NOT COURSE_UNIT_TESTS)
        return()
    endif()
    set(target ${CHAPTER}-gtest)
    list(TRANSFORM ARGN PREPEND tests/)
    add_executable(${target} ${ARGN})
    course_test_target(${target})
    target_link_libraries(${target} PRIVATE ${CHAPTER}-lib)
    target_compile_definitions(${target} PRIVATE
        COURSE_CHAPTER_DIR="${CMAKE_CURRENT_SOURCE_DIR}" COURSE_CHAPTER_BIN="${CHAPTER_BIN}")
    add_dependencies(${CHAPTER}-tests ${target})
    gtest_discover_tests(${target} TEST_PREFIX ${CHAPTER}. DISCOVERY_TIMEOUT 30
        PROPERTIES LABELS ${CHAPTER} TIMEOUT ${COURSE_TEST_TIMEOUT}
            SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()

# A test of the programs in Python: tests/NAME.py, run with unittest; it finds them in COURSE_BIN.
function(course_python_test name)
    if(COURSE_LIBRARY_ONLY OR NOT COURSE_TESTS)
        return()
    endif()
    add_test(NAME ${CHAPTER}.${name}
        COMMAND python3 -B -m unittest -v ${name}
        WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/tests)
    set_tests_properties(${CHAPTER}.${name} PROPERTIES
        LABELS ${CHAPTER} TIMEOUT ${COURSE_TEST_TIMEOUT}
        ENVIRONMENT "COURSE_BIN=${CHAPTER_BIN};PYTHONPATH=${COURSE_COMMON}/testing")
endfunction()

# The transcripts that the lesson shows, tests/output/*.txt, against what the programs print.
function(course_transcripts)
    course_python_test(transcripts)
    if(TEST ${CHAPTER}.transcripts)
        set_property(TEST ${CHAPTER}.transcripts APPEND PROPERTY
            ENVIRONMENT "COURSE_OUTPUT=${CMAKE_CURRENT_SOURCE_DIR}/tests/output")
    endif()
endfunction()

# Exercise NUMBER, whose files in practice/ are named NUMBER-SLUG: the starter in exercises/, its twin in
# solutions/, and one test of both, whose suite is SLUG with underscores. CI proves that the
# solution passes and that the starter fails in words; ./course check tests the reader's copy.
function(course_exercise number slug)
    if(NOT COURSE_EXERCISES OR COURSE_LIBRARY_ONLY)
        return()
    endif()
    course_exercise_test(${number} ${slug})
    course_exercise_proof(solution ${number} ${slug})
    target_sources(${CHAPTER}-solutions PRIVATE practice/solutions/${number}-${slug}.cpp)
    if(DEFINED ENV{COURSE_CI}) # a reader may have broken one
        course_exercise_proof(starter ${number} ${slug})
        target_sources(${CHAPTER}-starters PRIVATE practice/exercises/${number}-${slug}.cpp)
    endif()
endfunction()

# The same, to find a fault: the starter is a file of the chapter's library with the fault that
# practice/mutants/NUMBER-SLUG.fault describes. CI proves too that CAUGHT_BY, tests of the chapter, catch it.
# What follows goes to the tests: a fault that shows itself by chance needs --gtest_repeat.
function(course_mutant number slug caught_by)
    if(NOT COURSE_EXERCISES OR COURSE_LIBRARY_ONLY)
        return()
    endif()
    course_exercise_test(${number} ${slug})
    course_exercise_proof(solution ${number} ${slug})
    set(fault ${CMAKE_CURRENT_SOURCE_DIR}/practice/mutants/${number}-${slug}.fault)
    file(STRINGS ${fault} file LIMIT_COUNT 1)
    string(REPLACE "file: " "" file ${file})
    cmake_path(GET file PARENT_PATH beside) # what it includes without a folder
    target_include_directories(${CHAPTER}-answer-${number} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${beside})
    if(NOT DEFINED ENV{COURSE_CI})
        return()
    endif()
    # The linker takes the file from the library only for what nobody else has defined.
    set(source ${CMAKE_CURRENT_BINARY_DIR}/mutants/${number}-${slug}.cpp)
    add_custom_command(OUTPUT ${source}
        COMMAND python3 -B ${COURSE_COMMON}/exercises/mutate.py ${fault} > ${source}
        DEPENDS ${fault} ${file} ${COURSE_COMMON}/exercises/mutate.py VERBATIM)
    set(mutant ${CHAPTER}-mutant-${number})
    add_executable(${mutant} ${source} $<TARGET_OBJECTS:${CHAPTER}-gtest>
        $<TARGET_OBJECTS:${CHAPTER}-exercise-${number}>)
    course_exercise_target(${mutant})
    target_include_directories(${mutant} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${beside})
    target_link_libraries(${mutant} PRIVATE $<TARGET_PROPERTY:${CHAPTER}-gtest,LINK_LIBRARIES>)
    add_dependencies(${CHAPTER}-tests ${mutant})
    course_exercise_run(starter ${number} ${slug} ${mutant})
    add_test(NAME ${CHAPTER}.mutant.${number}-${slug}
        COMMAND ${mutant} --gtest_filter=${caught_by} --gtest_fail_fast ${ARGN})
    set_tests_properties(${CHAPTER}.mutant.${number}-${slug} PROPERTIES
        LABELS ${CHAPTER} TIMEOUT ${COURSE_TEST_TIMEOUT} PASS_REGULAR_EXPRESSION "\\[  FAILED  \\]|did not end within")
endfunction()

# Once is enough, and where the sanitizers see more than a test can. COURSE_EXERCISES_USE is what the tests of a
# chapter's exercises link besides its library.
set(COURSE_EXERCISES OFF)
if(COURSE_TESTS AND CMAKE_BUILD_TYPE STREQUAL Debug)
    set(COURSE_EXERCISES ON)
endif()

# Half an answer need not use all that the whole one needs. (A library, for what it says comes behind the warnings.)
add_library(course_half_an_answer INTERFACE)
target_compile_options(course_half_an_answer INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-unused-private-field>)

function(course_exercise_target target)
    course_test_target(${target})
    target_link_libraries(${target} PRIVATE course_half_an_answer)
    target_link_libraries(${target} PUBLIC ${CHAPTER}-lib ${COURSE_EXERCISES_USE})
endfunction()

# The test, compiled once; and the reader's answer with it, whose source is written by ./course check
# and includes the file in answers/.
function(course_exercise_test number slug)
    set(test ${CHAPTER}-exercise-${number})
    add_library(${test} OBJECT EXCLUDE_FROM_ALL practice/exercises/${number}-${slug}_test.cpp)
    course_exercise_target(${test})
    set(source ${CMAKE_BINARY_DIR}/answers/${CHAPTER}/${number}-${slug}.cpp)
    set_source_files_properties(${source} PROPERTIES GENERATED ON)
    set(answer ${CHAPTER}-answer-${number})
    add_executable(${answer} EXCLUDE_FROM_ALL ${source} $<TARGET_OBJECTS:${test}>)
    course_exercise_target(${answer})
    set_target_properties(${answer} PROPERTIES
        OUTPUT_NAME answer-${number} RUNTIME_OUTPUT_DIRECTORY ${CHAPTER_BIN})
endfunction()

# All solutions of a chapter in one program, all starters in another: they link once, and the compiler reads them at once.
function(course_exercise_proof kind number slug)
    set(target ${CHAPTER}-${kind}s)
    if(NOT TARGET ${target})
        add_executable(${target})
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON)
        course_exercise_target(${target})
        add_dependencies(${CHAPTER}-tests ${target})
    endif()
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${CHAPTER}-exercise-${number}>)
    course_exercise_run(${kind} ${number} ${slug} ${target})
endfunction()

function(course_exercise_run kind number slug target)
    set(test ${CHAPTER}.exercise.${number}-${slug}.${kind})
    string(REPLACE - _ suite ${slug})
    add_test(NAME ${test} COMMAND ${target} --gtest_filter=${suite}.* --gtest_fail_fast)
    set_tests_properties(${test} PROPERTIES LABELS ${CHAPTER} TIMEOUT ${COURSE_TEST_TIMEOUT}
        FAIL_REGULAR_EXPRESSION "Running 0 tests")
    if(kind STREQUAL starter)
        set_tests_properties(${test} PROPERTIES
            PASS_REGULAR_EXPRESSION "\nwrong: |did not end within")
    endif()
endfunction()

course_common(asio)
course_common(program)
course_common(measure)
if(COURSE_TESTS)
    course_common(testing)
endif()
if(EXISTS ${COURSE_COMMON}/netlab/CMakeLists.txt)
    course_common(netlab)
endif()
