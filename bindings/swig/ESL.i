/* The classic ESL module for the languages that SWIG supports, generated from include/esl_oop.h. */
%module ESL

/* Nested classes are private (325); names that are keywords (314), classes and overloads that a language cannot tell apart, operators that it does not have. */
#pragma SWIG nowarn=314,325,362,503,508,509,516

%{
#include "esl.h"
#include "esl_oop.h"
%}

/* Every event that a method returns belongs to the script. */
%newobject ESLconnection::getInfo;
%newobject ESLconnection::sendRecv;
%newobject ESLconnection::api;
%newobject ESLconnection::bgapi;
%newobject ESLconnection::sendEvent;
%newobject ESLconnection::recvEvent;
%newobject ESLconnection::recvEventTimed;
%newobject ESLconnection::filter;
%newobject ESLconnection::execute;
%newobject ESLconnection::executeAsync;

/* In most languages this copy constructor is indistinguishable from the one that takes an event over. */
%ignore ESLevent::ESLevent(const ESLevent &);


/* SWIG reads esl_oop.h only: the types that it needs from the other headers. */
typedef enum {
    ESL_PRIORITY_NORMAL = 0,
    ESL_PRIORITY_LOW = 1,
    ESL_PRIORITY_HIGH = 2
} esl_priority_t;

%include "esl_oop.h"
